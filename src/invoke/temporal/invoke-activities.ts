import { ApplicationFailure, Context } from "@temporalio/activity";
import { SluiceError } from "../../domain/errors.ts";
import { InvokeError } from "../invoke-error.ts";
import type { Invoker } from "../invoker.ts";
import type { ToolHandler } from "../invoke-request.ts";
import { activityOutcomeId } from "./activity-id.ts";
import { modelInvocation, type ModelInvocation, type ModelInvokeRequest } from "./model-invocation.ts";

/** Temporal is also told by it that a workflow has called the activity off. */
const HEARTBEAT_MS = 1_000;

export interface InvokeActivities {
  /**
   * Calls the model of what is live, as `invoke` does. Fails with an `ApplicationFailure` of type `InvokeError` or
   * `SluiceError`, whose first detail says `code`, `kind` and `outcomeId`, and which is not retried where that cannot
   * help; ended by its workflow, with Temporal's own `CancelledFailure`.
   */
  readonly modelInvoke: (request: ModelInvokeRequest) => Promise<ModelInvocation>;
}

export interface InvokeActivityOptions {
  /** Carry out the tools of versions, in the worker. */
  readonly tools?: Readonly<Record<string, ToolHandler>> | undefined;
}

/**
 * Model calls for a service's own Temporal worker. It says each second that it is alive, so a short heartbeat timeout
 * finds a worker that has died (a model that has fallen silent the invoker finds itself); all attempts at one activity are one outcome, the first that ended.
 *
 * ```ts
 * const worker = await Worker.create({ activities: { ...invokeActivities(ai), ...mine } });
 * // in the workflow
 * const { modelInvoke } = proxyActivities<InvokeActivities>({ startToCloseTimeout: "4m", heartbeatTimeout: "10s" });
 * const answer = await modelInvoke({ prompt: "support-reply", unit: conversationId, variables });
 * await modelInvoke({ prompt: "support-check", pin: answer.prompt.token, variables: { text: answer.text } });
 * ```
 */
export function invokeActivities(
  ai: Pick<Invoker, "stream">,
  { tools }: InvokeActivityOptions = {},
): InvokeActivities {
  return {
    async modelInvoke(request) {
      const context = Context.current();
      const { workflowExecution, activityId } = context.info;
      const { workflowId = "", runId = "" } = workflowExecution ?? {};
      const signal = context.cancellationSignal;
      const id = activityOutcomeId(workflowId, runId, activityId);
      const stream = ai.stream({ ...request, id, signal, ...(tools && { tools }) });
      const beat = setInterval(() => context.heartbeat(), HEARTBEAT_MS);
      try {
        return modelInvocation(await stream.result);
      } catch (error) {
        // Rejects with what Temporal ends activities by.
        if (signal.aborted) await context.cancelled;
        throw failureOf(error);
      } finally {
        clearInterval(beat);
      }
    },
  };
}

function failureOf(error: unknown): unknown {
  if (!(error instanceof SluiceError)) return error;
  const isInvoke = error instanceof InvokeError;
  return ApplicationFailure.create({
    message: error.message,
    type: isInvoke ? "InvokeError" : "SluiceError",
    nonRetryable: !error.retryable,
    details: [{ code: error.code, ...(isInvoke && { kind: error.kind, outcomeId: error.outcomeId }) }],
    cause: error,
  });
}
