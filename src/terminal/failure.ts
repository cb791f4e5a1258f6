import { SluiceError, type ErrorCode } from "../domain/errors.ts";
import { isOutsideError } from "../domain/outside-error.ts";
import { exitCodeOf } from "./exit-codes.ts";

/** An error as a command ends with it. */
export interface Failure {
  readonly code: ErrorCode;
  /** One line: what, where, what to do next. */
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>>;
  readonly exitCode: number;
}

/** Every error has a code; what is not one of ours, and did not come from outside, is a bug of ours. */
export function failureOf(error: unknown): Failure {
  if (error instanceof SluiceError)
    return {
      code: error.code,
      message: error.message,
      details: error.details,
      exitCode: exitCodeOf(error.code),
    };
  const message = error instanceof Error ? error.message || error.name : String(error);
  if (isOutsideError(error))
    return {
      code: "unavailable",
      message: oneLine(`a part outside of Sluice failed: ${message}; try again once it is well`),
      details: { name: error instanceof Error ? error.name : typeof error },
      exitCode: exitCodeOf("unavailable"),
    };
  const where =
    error instanceof Error ? /\n\s+at .*?([\w.-]+\.ts:\d+)/.exec(error.stack ?? "")?.[1] : undefined;
  return {
    code: "internal",
    message: `this is a bug in Sluice: ${oneLine(message)}${where ? ` (${where})` : ""}; please report it, with --verbose for the whole trace`,
    details: { name: error instanceof Error ? error.name : typeof error },
    exitCode: exitCodeOf("internal"),
  };
}

/** As the message of an error of ours is. */
function oneLine(text: string): string {
  return new SluiceError("internal", text).message;
}
