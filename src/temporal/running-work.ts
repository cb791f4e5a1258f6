import type { Client } from "@temporalio/client";
import { WORKFLOW } from "../protocol/names.ts";
import type { Owner, RunningWork } from "../protocol/rollout-temporal.ts";

const KINDS = {
  [WORKFLOW.rollout]: ["rollout", "rolloutId"],
  [WORKFLOW.evaluation]: ["evaluation", "evaluationId"],
  [WORKFLOW.delivery]: ["delivery", "deliveryId"],
  [WORKFLOW.propagation]: ["propagation", "propagationId"],
  [WORKFLOW.triage]: ["triage", "alertId"],
} as const;

/**
 * The workflows of this installation that run on a task queue. Temporal's list says where to look alone: whose each one
 * is, is in its memo. A gate's evaluation has none, and ends with its rollout.
 */
export async function* runningWork(
  client: Client,
  taskQueue: string,
  { installation }: Owner,
): AsyncGenerator<RunningWork> {
  const types = Object.keys(KINDS).map((type) => `"${type}"`);
  // Written so that a name of a queue cannot end the string.
  const queue = taskQueue.replaceAll(/["\\]/g, String.raw`\$&`);
  const query = `ExecutionStatus = "Running" and TaskQueue = "${queue}" and WorkflowType in (${types.join(", ")})`;
  for await (const { workflowId, runId, type, memo } of client.workflow.list({ query })) {
    const [kind, name] = KINDS[type as keyof typeof KINDS] ?? [];
    const subject = name && memo?.[name];
    if (kind && typeof subject === "string" && memo?.["installation"] === installation)
      yield { workflowId, runId, kind, subject };
  }
}
