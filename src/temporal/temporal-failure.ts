import { isGrpcServiceError, WorkflowNotFoundError, WorkflowUpdateFailedError } from "@temporalio/client";
import { ApplicationFailure } from "@temporalio/common";
import { SluiceError, unavailable, type ErrorCode } from "../domain/errors.ts";

const CODES = new Set<ErrorCode>(["conflict", "not_found", "invalid_input", "forbidden", "unavailable"]);

/** What Temporal's client throws, as the error that a user gets. */
export function temporalFailure(error: unknown): Error {
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
