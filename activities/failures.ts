import { ApplicationFailure, CancelledFailure } from "@temporalio/common";
import { SluiceError, messageOf } from "../src/domain/errors.ts";
import { isConnectionError, isFinal, isStoreTrouble } from "../src/storage/store-failure.ts";

/**
 * The only mapping of errors to Temporal's failures: the type is our error code, retryable or not. Retried is
 * everything but what is surely a mistake: a rollout must survive what nobody has foreseen.
 */
export function toFailure(error: unknown): Error {
  if (error instanceof ApplicationFailure || error instanceof CancelledFailure) return error;
  if (error instanceof SluiceError)
    return ApplicationFailure.create({
      message: error.message,
      type: error.code,
      nonRetryable: isFinal(error),
      details: [error.details],
      cause: error,
    });
  if (isConnectionError(error))
    return ApplicationFailure.retryable(`Postgres cannot be reached: ${messageOf(error)}`, "unavailable");
  if (isStoreTrouble(error))
    return ApplicationFailure.retryable(`Postgres cannot do this now: ${messageOf(error)}`, "unavailable");
  return ApplicationFailure.create({
    message: messageOf(error),
    type: "internal",
    nonRetryable: isFinal(error),
  });
}

/** What a failure tells beside its own details: the attempt that it is of. */
export interface AttemptDetails {
  readonly attempt: number;
}

/** Runs one attempt of an activity; what it fails with says which attempt it was. */
export async function withFailures<R>(run: () => Promise<R>, attempt?: number): Promise<R> {
  try {
    return await run();
  } catch (error) {
    const failure = toFailure(error);
    if (attempt === undefined || !(failure instanceof ApplicationFailure)) throw failure;
    throw ApplicationFailure.create({
      message: failure.message,
      type: failure.type ?? "internal",
      nonRetryable: failure.nonRetryable === true,
      details: [failure.details?.[0] ?? {}, { attempt } satisfies AttemptDetails],
      ...(failure.cause && { cause: failure.cause }),
    });
  }
}
