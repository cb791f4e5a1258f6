import { messageOf, unavailable } from "../domain/errors.ts";
import type { Log } from "../telemetry/log-lines.ts";
import type { Database } from "../storage/database.ts";
import { claimLetters } from "../storage/write/claim-letters.ts";
import type { NotificationSettings } from "./notify-webhooks.ts";
import { redrive } from "./redrive.ts";

/** A little less than between two runs of the schedule, so that each run tries again. */
const EVERY_MS = 4 * 60_000;
const GIVES_UP_MS = 24 * 3_600_000;

export interface LetterSweep {
  readonly signal: AbortSignal;
  readonly log: Log;
  readonly everyMs?: number;
  readonly notifications?: NotificationSettings;
}

/**
 * Tells webhooks again that did not take how a rollout ended, at each run of the schedule for a day: a receiver that was away
 * comes back by itself, and then nobody has to redrive its letter. Whatever else is left undone starts something, and is
 * left to people. Gives the letters that it closed.
 */
export async function sweepDeadLetters(db: Database, sweep: LetterSweep): Promise<string[]> {
  const { signal, log, everyMs = EVERY_MS, notifications } = sweep;
  const withTemporal = () => Promise.reject(unavailable("a notification needs no Temporal"));
  const closed: string[] = [];
  const claim = { operation: "notify", everyMs, youngerThanMs: GIVES_UP_MS };
  for (const id of await claimLetters(db, claim)) {
    if (signal.aborted) break;
    try {
      const { already } = await redrive({ db, withTemporal, by: "sweep", signal, notifications }, id);
      if (!already) closed.push(id);
    } catch (error) {
      log(`dead letter ${id} is still undone: ${messageOf(error)}`, { level: "warn" });
    }
  }
  return closed;
}
