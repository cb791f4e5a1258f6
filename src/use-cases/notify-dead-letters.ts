import { messageOf } from "../domain/errors.ts";
import type { RolloutPolicy } from "../domain/policy/policy.ts";
import type { Database } from "../storage/database.ts";
import { findDocument, promptPolicySha256 } from "../storage/read/document.ts";
import { type UntoldLetters, untoldLetters } from "../storage/read/untold-letters.ts";
import { recordLettersTold } from "../storage/write/tell-letters.ts";
import { notifyWebhooks } from "./notify-webhooks.ts";
import type { LetterSweep } from "./sweep-dead-letters.ts";

/** A receiver that takes nothing for so long is not tried any more. */
const GIVES_UP_MS = 3_600_000;

/**
 * Tells the webhooks of each prompt's policy that dead letters have come, once for all that have come since the last
 * time. Gives the prompts whose webhooks were told.
 */
export async function notifyDeadLetters(
  db: Database,
  { signal, log, notifications }: LetterSweep,
): Promise<string[]> {
  const told: string[] = [];
  for (const letters of await untoldLetters(db)) {
    if (signal.aborted) break;
    const { prompt, since } = letters;
    try {
      const sha256 = await promptPolicySha256(db, prompt);
      const policy = sha256 === null ? undefined : await findDocument(db, sha256);
      const { notify = [] } = (policy?.body ?? {}) as Partial<RolloutPolicy>;
      await notifyWebhooks(notify, message(letters), signal, notifications);
      if (notify.length > 0) told.push(prompt);
      await recordLettersTold(db, letters);
    } catch (error) {
      log(`dead letters of ${prompt} could not be told of: ${messageOf(error)}`, { level: "warn", prompt });
      if (Date.now() - since.getTime() > GIVES_UP_MS) await recordLettersTold(db, letters);
    }
  }
  return told;
}

/** The id is the same each time, so that a receiver can drop a repeat. */
function message({ prompt, id, operation, rolloutId, message, untold, open, since }: UntoldLetters) {
  return {
    id: `dead-letters/${id}`,
    event: "dead_letters",
    prompt,
    new: untold,
    open,
    newest: { id, operation, rolloutId, message },
    since: since.toISOString(),
  } as const;
}
