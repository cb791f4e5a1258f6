import {
  type Client,
  isGrpcServiceError,
  WithStartWorkflowOperation,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
} from "@temporalio/client";
import { ApplicationFailure } from "@temporalio/common";
import type {
  ControlRequest,
  PromotionAnswer,
  RolloutInput,
  RolloutProgress,
  StartReceipt,
} from "../../workflows/messages.ts";
import { SluiceError, unavailable, type ErrorCode } from "../domain/errors.ts";
import { rolloutWorkflowId, type ScopeColumns } from "../domain/scope.ts";
import { REQUEST_DEADLINE_MS, TASK_QUEUE } from "./connect.ts";

const WORKFLOW_TYPE = "promptRollout";

/**
 * Starts a rollout, or joins the identical one that runs: one update-with-start, so duplicates collapse
 * and the caller gets a receipt. The update's id is the request's: the same request again gets its receipt.
 */
export async function startRolloutWorkflow(
  client: Client,
  input: RolloutInput,
  taskQueue: string = TASK_QUEUE,
): Promise<StartReceipt> {
  const { scope, candidate } = input;
  const operation = new WithStartWorkflowOperation(WORKFLOW_TYPE, {
    workflowId: rolloutWorkflowId(scope),
    taskQueue,
    args: [input],
    workflowIdConflictPolicy: "USE_EXISTING",
    workflowIdReusePolicy: "ALLOW_DUPLICATE",
    workflowTaskTimeout: "2s",
    staticSummary: `${candidate} to ${scope.label}`,
    staticDetails: `Takes **${candidate}** from gate to promotion or back, for label ${scope.label}${scope.model ? `, model ${scope.model}` : ""}${scope.tenant ? `, tenant ${scope.tenant}` : ""}.`,
    searchAttributes: {
      SluicePrompt: [scope.prompt],
      SluiceLabel: [scope.label],
      SluicePhase: ["validating"],
    },
  });
  return asked(client, () =>
    client.workflow.executeUpdateWithStart<never, StartReceipt, [RolloutInput]>("start", {
      updateId: updateId(input),
      args: [input],
      startWorkflowOperation: operation as never,
    }),
  );
}

/** Names candidate and attempt: another candidate under the same request is another update. */
function updateId(input: RolloutInput): string {
  return `start/${input.candidateVersion}/${input.policySha256.slice(0, 16)}/${input.requestId}`;
}

export type ControlName = "abort" | "pause" | "resume" | "promote" | "approve" | "reject";

/** What each control is answered with. */
export type ControlAnswer<Name extends ControlName> = Name extends "promote"
  ? PromotionAnswer
  : RolloutProgress;

/** Asks something of a running rollout. `not_found` when none runs for the scope. */
export async function controlRollout<Name extends ControlName>(
  client: Client,
  scope: ScopeColumns,
  name: Name,
  request: ControlRequest,
): Promise<ControlAnswer<Name>> {
  const handle = client.workflow.getHandle(rolloutWorkflowId(scope));
  return asked(client, () =>
    handle.executeUpdate<ControlAnswer<Name>, [ControlRequest]>(name, { args: [request] }),
  );
}

/** Whether the scope's workflow runs, and its run id. False also where Temporal has never heard of it. */
export async function isRolloutRunning(
  client: Client,
  scope: ScopeColumns,
): Promise<{ readonly running: boolean; readonly runId: string | null }> {
  try {
    const description = await client.workflow.getHandle(rolloutWorkflowId(scope)).describe();
    return { running: description.status.name === "RUNNING", runId: description.runId };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return { running: false, runId: null };
    throw temporalFailure(error);
  }
}

async function asked<T>(client: Client, request: () => Promise<T>): Promise<T> {
  try {
    return await client.withDeadline(Date.now() + REQUEST_DEADLINE_MS, request);
  } catch (error) {
    throw temporalFailure(error);
  }
}

const CODES = new Set<ErrorCode>(["conflict", "not_found", "invalid_input", "forbidden", "unavailable"]);

function temporalFailure(error: unknown): Error {
  if (error instanceof SluiceError) return error;
  if (error instanceof WorkflowNotFoundError)
    return new SluiceError(
      "not_found",
      "no rollout is running here; see: sluice rollout list",
      {},
      { cause: error },
    );
  if (error instanceof WorkflowUpdateFailedError) {
    const failure = error.cause;
    if (failure instanceof ApplicationFailure && CODES.has(failure.type as ErrorCode))
      return new SluiceError(
        failure.type as ErrorCode,
        failure.message,
        (failure.details?.[0] as Record<string, unknown> | undefined) ?? {},
        { cause: error },
      );
  }
  const text =
    error instanceof Error ? `${error.message} ${(error.cause as Error | undefined)?.message ?? ""}` : "";
  if (/DEADLINE_EXCEEDED|deadline|Timeout expired|CANCELLED/i.test(text))
    return unavailable(
      "Temporal did not answer in time, so it is unknown whether this was done: is a worker running (sluice worker, or sluice dev)? Asking again is safe",
      {},
      error,
    );
  if (isGrpcServiceError(error) || isGrpcServiceError((error as Error).cause))
    return unavailable(
      `Temporal refused: ${((error as Error).cause as Error | undefined)?.message ?? (error as Error).message}`,
      {},
      error,
    );
  return error as Error;
}
