import { digestJson } from "../../digest.ts";
import type { Database } from "../database.ts";
import { findRollout, hasFailedToRun, type RequestedRollout, type RolloutRow } from "../read/rollout-row.ts";
import { transact } from "../transact.ts";
import { applyOnce, findApplied } from "./apply-once.ts";

/** The rollout that this very request was given when an identical one was running, running or over. */
export async function findJoinedRollout(
  db: Database,
  requested: RequestedRollout,
): Promise<RolloutRow | undefined> {
  const joined = await findApplied<string>(db, joinId(requested));
  return joined && whatWasGiven(db, joined.outcome);
}

/** Notes which running rollout a request is given: asked again when that is over, it is no new one. */
export async function joinRollout(
  db: Database,
  requested: RequestedRollout,
  running: RolloutRow,
): Promise<RolloutRow> {
  const operation = { id: joinId(requested), request: null };
  const given = await transact(db, (transaction) =>
    applyOnce(transaction, operation, () => Promise.resolve(running.id)),
  );
  if (given === running.id) return running;
  // What the same request was given before, unless that has come to nothing.
  return (await whatWasGiven(db, given)) ?? running;
}

async function whatWasGiven(db: Database, rolloutId: string): Promise<RolloutRow | undefined> {
  const rollout = await findRollout(db, rolloutId);
  return rollout && !hasFailedToRun(rollout) ? rollout : undefined;
}

function joinId({ scope, requestId, candidateVersion, policySha256 }: RequestedRollout): string {
  const { label, prompt, model, tenant } = scope;
  return `join/${digestJson({ label, prompt, model, tenant, requestId, candidateVersion, policySha256 })}`;
}
