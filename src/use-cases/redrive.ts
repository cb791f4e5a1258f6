import { conflict, invalidInput, messageOf, SluiceError } from "../domain/errors.ts";
import type { ScopeColumns } from "../domain/scope.ts";
import type { Database } from "../storage/database.ts";
import { requireDeadLetter } from "../storage/read/dead-letters.ts";
import type { DeadLetterRow, Redriven } from "../domain/shapes/dead-letters.ts";
import { findEndedSince } from "../storage/read/rollout-row.ts";
import { findVersionById } from "../storage/read/version.ts";
import { transact } from "../storage/transact.ts";
import { noteLetterAttempt } from "../storage/write/note-letter-attempt.ts";
import { resolveDeadLetter } from "../storage/write/resolve-dead-letter.ts";
import { notifyEnding } from "./notify-ending.ts";
import type { NotificationSettings } from "./notify-webhooks.ts";
import type { RolloutTemporal } from "../protocol/rollout-temporal.ts";
import { startRollout } from "./start-rollout.ts";
import type { StartedRollout } from "../domain/shapes/rollouts.ts";

/** What redriving may need; each is asked for only by the letters that need it. */
export interface RedriveParts {
  readonly db: Database;
  readonly withTemporal: <T>(work: (temporal: RolloutTemporal) => Promise<T>) => Promise<T>;
  readonly by: string;
  readonly signal: AbortSignal;
  /** What a notification is sent with; what this process has when absent. */
  readonly notifications?: NotificationSettings | undefined;
}

/**
 * Does again what could not be done, and closes the letter. Safe to repeat: a letter that is closed does
 * nothing, and what a letter starts is asked for under the letter's own id.
 */
export async function redrive(parts: RedriveParts, id: string): Promise<Redriven> {
  const { db, by } = parts;
  const letter = await requireDeadLetter(db, id);
  if (letter.status === "discarded")
    throw conflict(`dead letter ${letter.id} was discarded by ${letter.resolvedBy}: ${letter.resolution}`);
  if (letter.status === "redriven")
    return { letter, resolution: letter.resolution ?? "redriven before", rollout: null, already: true };
  const { resolution, rollout } = await attempted(parts, letter);
  const closed = await transact(db, (transaction) =>
    resolveDeadLetter(transaction, { id: letter.id, status: "redriven", by, resolution }),
  );
  return { letter: await requireDeadLetter(db, letter.id), resolution, rollout, already: !closed };
}

/** Does it; what it fails with is kept with the letter. */
async function attempted(parts: RedriveParts, letter: DeadLetterRow): Promise<Performed> {
  try {
    return await perform(parts, letter);
  } catch (error) {
    const code = error instanceof SluiceError ? error.code : "internal";
    const attempt = { id: letter.id, at: new Date(), code, message: messageOf(error) };
    // What it failed with matters more than that it could be kept.
    await transact(parts.db, (transaction) => noteLetterAttempt(transaction, attempt)).catch(() => undefined);
    throw error;
  }
}

interface Performed {
  readonly resolution: string;
  readonly rollout: StartedRollout | null;
}

async function perform(parts: RedriveParts, letter: DeadLetterRow): Promise<Performed> {
  const { db, signal, notifications } = parts;
  if (letter.operation === "notify" && letter.rolloutId !== null) {
    await notifyEnding(db, letter.rolloutId, signal, notifications);
    return { resolution: "told the webhooks how the rollout ended", rollout: null };
  }
  if (letter.operation === "promote" || letter.operation.startsWith("rollout:")) {
    const rollout = await startAgain(parts, letter);
    return { resolution: `started again as rollout ${rollout.rolloutId}`, rollout };
  }
  throw invalidInput(
    `dead letter ${letter.id} is of operation "${letter.operation}", which this Sluice cannot redrive: do it by hand, then discard it`,
    { operation: letter.operation },
  );
}

/** What an operator has ended is not done again: neither the rollout that broke, nor a later one of the same version. */
async function refuseEndedSince(db: Database, letter: DeadLetterRow): Promise<void> {
  const ended = letter.rolloutId === null ? undefined : await findEndedSince(db, letter.rolloutId);
  if (!ended) return;
  throw conflict(
    `rollout ${ended.id} of the same version has ended since: ${ended.outcome} (${ended.reason}). To try it all the same, start it by hand; to close this letter: sluice dead-letters discard ${letter.id}`,
    { rolloutId: ended.id, outcome: ended.outcome },
  );
}

/** A rollout that broke cannot go on where it was: its evidence is of then. It begins anew. */
async function startAgain(
  { db, withTemporal, by }: RedriveParts,
  letter: DeadLetterRow,
): Promise<StartedRollout> {
  const { candidateVersion, policySha256, scope } = letter.payload as {
    candidateVersion?: string | null;
    policySha256?: string | null;
    scope?: ScopeColumns;
  };
  await refuseEndedSince(db, letter);
  const version = candidateVersion ? await findVersionById(db, candidateVersion) : undefined;
  if (!version || !policySha256 || !scope)
    throw invalidInput(
      `dead letter ${letter.id} does not say what to start; discard it, and start the rollout by hand`,
    );
  return withTemporal((temporal) =>
    startRollout(db, temporal, {
      scope,
      prompt: version.prompt,
      number: version.number,
      policySha256,
      requestId: `redrive/${letter.id}`,
      by,
    }),
  );
}
