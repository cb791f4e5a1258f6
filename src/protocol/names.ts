import type { Outcome } from "../domain/rollout/rollout.ts";
import { DEFAULT_TASK_QUEUE } from "../domain/scope.ts";

/** The names that histories know: they keep their values for as long as a workflow that began with them may run. */

/** The exports of workflows/index.ts. */
export const WORKFLOW = {
  rollout: "promptRollout",
  evaluation: "promptEvaluation",
  notification: "rolloutNotification",
  delivery: "promptDelivery",
  propagation: "propagateInclude",
  dependant: "propagateDependant",
  retention: "retention",
  deadLetterSweep: "deadLetterSweep",
  regate: "regate",
  triage: "triage",
} as const;

/** The id of the workflow of an evaluation, by its own id or by that of the rollout that it is the gate of. */
export function evaluationWorkflowId(id: string): string {
  return `evaluation:${id}`;
}

/** The id of the workflow that takes a prompt's version along for a commit; a queue of an installation's own is a part of it. */
export function deliveryWorkflowId(prompt: string, commit: string, taskQueue: string): string {
  const id = `deliver:${prompt}:${commit}`;
  return taskQueue === DEFAULT_TASK_QUEUE ? id : `${id}:${encodeURIComponent(taskQueue)}`;
}

/** The id of the workflow that takes a version to what includes its prompt. */
export function propagationWorkflowId(id: string): string {
  return `propagate:${id}`;
}

/** The same of one of those. */
export function dependantWorkflowId(propagationId: string, prompt: string): string {
  return `${propagationWorkflowId(propagationId)}:${prompt}`;
}

/** The id of the workflow that has tests asked again because of an alert. */
export function triageWorkflowId(alertId: string): string {
  return `triage:${alertId}`;
}

/** Tells a delivery that something it waits for may have happened. */
export const LOOK_SIGNAL = "look";

/** What an operator asks of a running rollout. */
export const CONTROLS = ["abort", "pause", "resume", "promote", "approve", "reject"] as const;
export type ControlName = (typeof CONTROLS)[number];

/** How a rollout ends that has read a decision in the table, which is what counts: the control only says that it is there. */
export const OUTCOME_OF = { approve: "promoted", reject: "rejected" } as const satisfies Partial<
  Record<ControlName, Outcome>
>;

/** Answered with the receipt of the rollout that runs. */
export const START_UPDATE = "start";

export const QUERY = { evaluation: "standing", rollout: "progress" } as const;
