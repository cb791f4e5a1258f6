import { NoResultError } from "kysely";
import { SluiceError } from "../domain/errors.ts";

/**
 * What kind of failure an error of the store is, decided in one place for retries and for messages. The list
 * names what cannot pass: anything else, foreseen or not, may be gone a moment later.
 */

/** Classes of SQLSTATE that say that the statement or its data is wrong: the same again fails the same. */
const FINAL_CLASSES = new Set(["0A", "21", "22", "23", "42", "P0"]);

const PROGRAMMING_ERRORS = [TypeError, RangeError, SyntaxError, ReferenceError, NoResultError];

/** True when trying the same again cannot help: a wrong statement, wrong data, a mistake of our own. */
export function isFinal(error: unknown): boolean {
  if (error instanceof SluiceError) return !error.retryable;
  const code = codeOf(error);
  if (code !== undefined && FINAL_CLASSES.has(code.slice(0, 2))) return true;
  if (!PROGRAMMING_ERRORS.some((kind) => error instanceof kind)) return false;
  // A failed fetch is a TypeError, and its cause says what was unreachable.
  const { cause } = error as Error;
  return cause instanceof Error ? isFinal(cause) : true;
}

/** True when an error says that Postgres is unreachable or has no room, not that the statement is wrong. */
export function isConnectionError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof AggregateError) return error.errors.some(isConnectionError);
  const code = codeOf(error);
  if (code !== undefined && /^(?:08...|57P0[1-5]|53300)$/.test(code)) return true;
  // Of the network, not of a file that could not be opened.
  if (code !== undefined && /^E[A-Z_]+$/.test(code)) return !("path" in error);
  return /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Client was closed|connection has been discarded/.test(
    error.message,
  );
}

/** True when the store itself says that it cannot do this now: unreachable, read-only, full, stopped in its work. */
export function isStoreTrouble(error: unknown): boolean {
  if (isConnectionError(error)) return true;
  return !isFinal(error) && /^[0-9A-Z]{5}$/.test(codeOf(error) ?? "");
}

function codeOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === "string" ? code : undefined;
}
