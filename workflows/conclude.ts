import { WorkflowExecutionAlreadyStartedError } from "@temporalio/common";
import { ParentClosePolicy, startChild } from "@temporalio/workflow";
import type { Ending } from "./ending.ts";
import type { RolloutResult } from "../src/protocol/rollout-messages.ts";
import { rolloutNotification } from "./notification.ts";
import { insistent } from "./proxies.ts";
import { show, showOutcome, type RolloutState } from "./rollout-state.ts";

/**
 * Brings pointer and row to the end, and gives the outcome that stands: an earlier one where somebody has
 * closed the rollout before. What it takes is tried again without end, so this never fails.
 */
export async function conclude(state: RolloutState, end: Ending): Promise<RolloutResult> {
  const { rolloutId, candidate } = state.input;
  let { outcome, reason } = end;
  state.ending = outcome;
  if (!end.settled) {
    if (outcome !== "promoted") show(state, "rolling_back");
    ({ outcome, reason } = await insistent.endRollout.executeWithOptions(
      { summary: outcome === "promoted" ? "end the holdback" : `all traffic to the baseline: ${outcome}` },
      [{ rolloutId, outcome, reason }],
    ));
  }
  // What an operator has ended meanwhile is not to be done again.
  if (end.undone && outcome === "failed") {
    await insistent.fileDeadLetter.executeWithOptions({ summary: `dead letter: ${end.undone.operation}` }, [
      { rolloutId, ...end.undone, message: end.reason },
    ]);
  }
  showOutcome(state, outcome, reason);
  if (state.notifies) await notifyApart(rolloutId);
  return { rolloutId, outcome, reason, candidate };
}

/** In a workflow of its own: a slow webhook must not keep the next rollout of this pointer from starting. */
async function notifyApart(rolloutId: string): Promise<void> {
  try {
    await startChild(rolloutNotification, {
      workflowId: `notification:${rolloutId}`,
      args: [{ rolloutId }],
      staticSummary: "tell the webhooks how the rollout ended",
      parentClosePolicy: ParentClosePolicy.ABANDON,
      workflowTaskTimeout: "2s",
    });
  } catch (error) {
    // Notified in an earlier life of this rollout, which an operator has reset.
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}
