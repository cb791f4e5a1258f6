import type { Database } from "../storage/database.ts";
import { findOpenRollouts, rolloutScope, type RolloutRow } from "../storage/read/rollout-row.ts";
import { transact } from "../storage/transact.ts";
import { endRollout, type EndedRollout } from "../storage/write/end-rollout.ts";
import type { ScopeColumns } from "../domain/scope.ts";

/** Whether a scope's workflow runs, as Temporal knows it. */
export type IsRunning = (
  scope: ScopeColumns,
) => Promise<{ readonly running: boolean; readonly runId: string | null }>;

/**
 * Clears what a workflow that is gone has left: terminated, or its history lost. The traffic goes to the
 * baseline and the row is closed as failed. A rollout whose workflow runs is left alone (undefined).
 */
export async function clearAbandoned(
  db: Database,
  rollout: RolloutRow,
  isRunning: IsRunning,
  endedBy: "start" | "sweep",
): Promise<EndedRollout | undefined> {
  const { running, runId } = await isRunning(rolloutScope(rollout));
  // Another run under the same id is another rollout's: this one's workflow is gone all the same.
  if (running && (rollout.run_id === null || rollout.run_id === runId)) return undefined;
  return transact(db, (transaction) =>
    endRollout(transaction, {
      rolloutId: rollout.id,
      outcome: "failed",
      reason: "its workflow was terminated or lost in Temporal",
      endedBy,
    }),
  );
}

/** Goes over all open rollouts. Gives those that it cleared. */
export async function sweepAbandoned(
  db: Database,
  isRunning: IsRunning,
  olderThanMs: number,
): Promise<string[]> {
  const open = await findOpenRollouts(db, olderThanMs);
  const cleared: string[] = [];
  for (const rollout of open)
    if (await clearAbandoned(db, rollout, isRunning, "sweep")) cleared.push(rollout.id);
  return cleared;
}
