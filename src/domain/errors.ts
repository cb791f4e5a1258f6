import { cut, visible } from "./text/visible.ts";

/**
 * The error codes a user can meet. They are the same on the command line (`error.code`), in the
 * library and in a workflow's failure, so a script can branch on them.
 */
export type ErrorCode =
  | "invalid_input"
  | "not_found"
  | "conflict"
  | "stale_evidence"
  | "gate_failed"
  | "forbidden"
  | "unavailable"
  | "internal";

const RETRYABLE: ReadonlySet<ErrorCode> = new Set(["unavailable"]);

/** Characters of a message: more helps nobody, and would not fit where messages are kept. */
const MAX_MESSAGE = 4000;

/**
 * The one error class of Sluice. The message is a single line that says what is wrong, where, and
 * what to do next, whatever it quotes: line ends become spaces, and control characters their escapes. `details`
 * carries the same facts for programs.
 */
export class SluiceError extends Error {
  readonly code: ErrorCode;
  /** True when trying the same thing again later may work (a part was unreachable, not the input wrong). */
  readonly retryable: boolean;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    code: ErrorCode,
    message: string,
    details: Record<string, unknown> = {},
    options: { cause?: unknown; retryable?: boolean } = {},
  ) {
    super(oneLine(message), options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "SluiceError";
    this.code = code;
    this.retryable = options.retryable ?? RETRYABLE.has(code);
    this.details = details;
  }
}

/** What something thrown says. Never throws itself, whatever was thrown: not every thrower throws errors. */
export function messageOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? String(thrown.message) : String(thrown);
  } catch {
    return "something was thrown that has no text";
  }
}

function oneLine(message: string): string {
  return cut(visible(message.trim().replace(/\s*[\r\n]\s*/g, " ")), MAX_MESSAGE);
}

export function invalidInput(message: string, details: Record<string, unknown> = {}): SluiceError {
  return new SluiceError("invalid_input", message, details);
}

export function notFound(message: string, details: Record<string, unknown> = {}): SluiceError {
  return new SluiceError("not_found", message, details);
}

export function conflict(message: string, details: Record<string, unknown> = {}): SluiceError {
  return new SluiceError("conflict", message, details);
}

export function unavailable(
  message: string,
  details: Record<string, unknown> = {},
  cause?: unknown,
): SluiceError {
  return new SluiceError("unavailable", message, details, { cause });
}
