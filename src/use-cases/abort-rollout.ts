import { SluiceError } from "../domain/errors.ts";
import type { Rollouts } from "../protocol/rollout-controls.ts";
import type { Database } from "../storage/database.ts";
import type { RolloutRow } from "../storage/read/rollout-row.ts";
import { transact } from "../storage/transact.ts";
import { endRollout } from "../storage/write/end-rollout.ts";
import type { AbortedRollout } from "../domain/shapes/rollouts.ts";

export interface AbortRequest {
  readonly by: string;
  readonly reason?: string;
}

/** Asks the rollout's workflow to end it. */
export type RequestAbort = (rollout: RolloutRow, request: AbortRequest) => Promise<unknown>;

/** Through a connection to Temporal. */
export function requestAbort({ control }: Pick<Rollouts, "control">): RequestAbort {
  return (rollout, request) =>
    control({ workflowId: rollout.workflow_id, rolloutId: rollout.id }, "abort", request);
}

/**
 * Ends an open rollout. Its workflow does it; where none answers, or none is there any more, the database does:
 * the row is closed and all traffic is on the baseline, and a workflow that comes back finds it so.
 */
export async function abortRollout(
  db: Database,
  rollout: RolloutRow,
  request: AbortRequest,
  requestIt: RequestAbort,
): Promise<AbortedRollout> {
  const reason = `aborted by ${request.by}: ${request.reason ?? "no reason given"}`;
  try {
    await requestIt(rollout, request);
    return { outcome: null, reason };
  } catch (error) {
    const isUnreachable =
      error instanceof SluiceError && (error.code === "unavailable" || error.code === "not_found");
    if (!isUnreachable) throw error;
  }
  return transact(db, (transaction) =>
    endRollout(transaction, { rolloutId: rollout.id, outcome: "aborted", reason, endedBy: "operator" }),
  );
}
