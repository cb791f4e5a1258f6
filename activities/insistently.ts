import { ApplicationFailure } from "@temporalio/common";
import { toFailure } from "./failures.ts";

/** For what has to be done in the end: whatever goes wrong is tried again, because nothing else would do it. */
export async function insistently<R>(run: () => Promise<R>): Promise<R> {
  try {
    return await run();
  } catch (error) {
    const failure = toFailure(error);
    if (!(failure instanceof ApplicationFailure)) throw failure;
    throw ApplicationFailure.create({
      message: failure.message,
      type: failure.type ?? "internal",
      nonRetryable: false,
      cause: failure,
    });
  }
}
