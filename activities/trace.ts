import { activityInfo } from "@temporalio/activity";
import { inSpan } from "../src/telemetry/spans.ts";
import type { WorkSubject } from "./own-work.ts";

/**
 * Runs an activity as a span of the trace that its rollout was started in. The row carries it, so the workflow's code
 * and its history know nothing of traces.
 */
export function inActivitySpan<R>(
  { rolloutId, prompt, version, traceparent }: WorkSubject,
  run: () => Promise<R>,
): Promise<R> {
  const { activityType, attempt, workflowExecution } = activityInfo();
  const attributes = {
    "sluice.rollout": rolloutId,
    "sluice.prompt": prompt,
    "sluice.version": version,
    "temporal.workflow": workflowExecution?.workflowId,
    "temporal.attempt": attempt,
  };
  return inSpan({ name: `activity ${activityType}`, kind: "consumer", parent: traceparent, attributes }, run);
}
