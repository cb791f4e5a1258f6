import { SluiceError, messageOf } from "../../domain/errors.ts";

/**
 * Carries what went wrong with a call through the grading of an answer: a check that throws has failed, while a
 * provider, a judge or a budget that did not deliver leaves the case without a result.
 */
export class Undelivered extends Error {
  constructor(cause: unknown) {
    super(messageOf(cause), { cause });
    this.name = "Undelivered";
  }
}

/** Does a call; what it throws is marked as undelivered. */
export async function delivering<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    throw new Undelivered(error);
  }
}

/** Whether an error of grading is one of delivery: a call that failed, or a judge that gave no usable verdict. */
export function isUndelivered(error: unknown): boolean {
  return error instanceof Undelivered || (error instanceof SluiceError && error.details["kind"] === "judge");
}
