import { digestJson } from "../../digest.ts";
import type { Database } from "../database.ts";
import { hasFailedToRun, findRollout, type RequestedRollout, type RolloutRow } from "../read/rollout-row.ts";
import { transact } from "../transact.ts";
import { applyOnce, findApplied } from "./apply-once.ts";

/** The rollout that this very request was given when an identical one was running, running or over. */
export async function findJoinedRollout(
  db: Database,
  requested: RequestedRollout,
): Promise<RolloutRow | undefined> {
  const joined = await findApplied<string>(db, joinId(requested));
  const rollout = joined && (await findRollout(db, joined.outcome));
  return rollout && !hasFailedToRun(rollout) ? rollout : undefined;
}

/** Notes which running rollout a request is given: asked again when that is over, it is no new one. */
export async function joinRollout(
  db: Database,
  requested: RequestedRollout,
  running: RolloutRow,
): Promise<RolloutRow> {
  const operation = { id: joinId(requested), request: null };
  await transact(db, (transaction) => applyOnce(transaction, operation, () => Promise.resolve(running.id)));
  // What the same request was given a moment before, unless that has come to nothing.
  return (await findJoinedRollout(db, requested)) ?? running;
}

function joinId({ scope, requestId, candidateVersion, policySha256 }: RequestedRollout): string {
  const { label, prompt, model, tenant } = scope;
  return `join/${digestJson({ label, prompt, model, tenant, requestId, candidateVersion, policySha256 })}`;
}
