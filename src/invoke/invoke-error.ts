import { type ErrorCode, SluiceError } from "../domain/errors.ts";
import { codeOfKind, type InvokeFailureKind } from "./failure.ts";
import type { Attempt } from "./invocation.ts";

/** What is known of an invocation that failed. */
export interface FailedInvocation {
  readonly attempts: readonly Attempt[];
  /** What had been told of a stream's answer. */
  readonly partial?: string | undefined;
  readonly outcomeId: string;
}

/** An invocation without an answer. `details.kind` says why. */
export class InvokeError extends SluiceError {
  readonly kind: InvokeFailureKind;
  readonly attempts: readonly Attempt[];
  readonly partial: string | undefined;
  readonly outcomeId: string;

  constructor(
    kind: InvokeFailureKind,
    message: string,
    failed: FailedInvocation,
    options: {
      readonly cause?: unknown;
      readonly code?: ErrorCode;
      readonly details?: Readonly<Record<string, unknown>>;
    } = {},
  ) {
    const details = { ...options.details, kind, outcomeId: failed.outcomeId };
    super(options.code ?? codeOfKind(kind), message, details, { cause: options.cause });
    this.name = "InvokeError";
    this.kind = kind;
    this.attempts = failed.attempts;
    this.partial = failed.partial;
    this.outcomeId = failed.outcomeId;
  }
}
