import { activityInfo } from "@temporalio/activity";
import { CancelledFailure } from "@temporalio/common";
import { messageOf } from "../src/domain/errors.ts";
import type { Log } from "../src/telemetry/log-lines.ts";
import { traceIdOf } from "../src/telemetry/spans.ts";
import type { WorkSubject } from "./own-work.ts";

/** Steps of a rollout that somebody at night wants to find; what is asked again and again has no line of its own. */
const STEPS: Readonly<Record<string, string>> = {
  beginRollout: "rollout begun",
  openGateEvaluation: "gate opened",
  openStage: "stage opened",
  promote: "promotion tried",
  endRollout: "rollout ended",
  fileDeadLetter: "dead letter filed",
};

/** Runs an activity, and logs it where it is a step of a rollout or has failed. `run` says what it is about when it knows. */
export async function withLog<R>(
  log: Log,
  run: (about: (subject: WorkSubject) => void) => Promise<R>,
): Promise<R> {
  const { activityType, attempt, workflowExecution } = activityInfo();
  let subject: WorkSubject = {};
  const fields = () => ({
    ...aboutOf(subject),
    activityType,
    attempt,
    workflowId: workflowExecution?.workflowId,
  });
  try {
    const result = await run((about) => (subject = about));
    const step = STEPS[activityType];
    if (step !== undefined) log(step, fields());
    return result;
  } catch (error) {
    if (!(error instanceof CancelledFailure))
      log(`${activityType} failed: ${messageOf(error)}`, { level: "warn", ...fields() });
    throw error;
  }
}

function aboutOf({ rolloutId, prompt, version, traceparent }: WorkSubject) {
  return { rolloutId, prompt, version, traceId: traceIdOf(traceparent) };
}
