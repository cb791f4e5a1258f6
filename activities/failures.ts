import { ApplicationFailure } from "@temporalio/common";
import { CancelledFailure } from "@temporalio/common";
import { SluiceError } from "../src/domain/errors.ts";
import { isConnectionError } from "../src/storage/database.ts";

/** The only mapping of errors to Temporal's failures: the type is our error code, retryable or not. */
export function toFailure(error: unknown): Error {
  if (error instanceof ApplicationFailure || error instanceof CancelledFailure) return error;
  if (error instanceof SluiceError)
    return ApplicationFailure.create({
      message: error.message,
      type: error.code,
      nonRetryable: !error.retryable,
      details: [error.details],
      cause: error,
    });
  if (isConnectionError(error))
    return ApplicationFailure.retryable(`Postgres cannot be reached: ${messageOf(error)}`, "unavailable");
  const state = (error as { code?: unknown } | null)?.code;
  // Serialisation failures and lock time-outs pass; anything else that nobody foresaw is a bug of ours.
  const passes = typeof state === "string" && /^(40|55)/.test(state);
  return ApplicationFailure.create({ message: messageOf(error), type: "internal", nonRetryable: !passes });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export async function withFailures<R>(run: () => Promise<R>): Promise<R> {
  try {
    return await run();
  } catch (error) {
    throw toFailure(error);
  }
}
