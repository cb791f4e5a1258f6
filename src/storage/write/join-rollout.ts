import { sql } from "kysely";
import { digestJson } from "../../digest.ts";
import type { Database, Transaction } from "../database.ts";
import {
  findRequestedRollout,
  findRollout,
  hasFailedToRun,
  type RequestedRollout,
  type RolloutRow,
} from "../read/rollout-row.ts";
import { applyOnce, findApplied } from "./apply-once.ts";

/** The rollout that this very request was given, running or over: its own, or an identical one that was running then. */
export async function findGivenRollout(
  db: Database,
  requested: RequestedRollout,
): Promise<RolloutRow | undefined> {
  const own = await findRequestedRollout(db, requested);
  if (own) return own;
  const joined = await findApplied<string>(db, joinId(requested));
  return joined && whatWasGiven(db, joined.outcome);
}

/**
 * Notes which running rollout a request is given: asked again when that is over, it is no new one. Gives what the same
 * request was given before, where it was.
 */
export async function joinRollout(
  transaction: Transaction,
  requested: RequestedRollout,
  running: RolloutRow,
): Promise<RolloutRow> {
  const before = await lockRequest(transaction, requested);
  if (before) return before;
  // Where something else is noted, that has come to nothing.
  const operation = { id: joinId(requested), request: null };
  await applyOnce(transaction, operation, () => Promise.resolve(running.id));
  return running;
}

/**
 * Holds up whoever asks the same at the same moment until the transaction ends, so that one is answered after the other.
 * Gives what the request was given before.
 */
export async function lockRequest(
  transaction: Transaction,
  requested: RequestedRollout,
): Promise<RolloutRow | undefined> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${joinId(requested)}, 0))`.execute(transaction);
  return findGivenRollout(transaction, requested);
}

async function whatWasGiven(db: Database, rolloutId: string): Promise<RolloutRow | undefined> {
  const rollout = await findRollout(db, rolloutId);
  return rollout && !hasFailedToRun(rollout) ? rollout : undefined;
}

function joinId({ scope, requestId, candidateVersion, policySha256 }: RequestedRollout): string {
  const { label, prompt, model, tenant } = scope;
  return `join/${digestJson({ label, prompt, model, tenant, requestId, candidateVersion, policySha256 })}`;
}
