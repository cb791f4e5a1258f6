import type { ErrorCode } from "../domain/errors.ts";
import { type CallFailureKind, codeOf, failureKind } from "../providers/failure-kinds.ts";

const OWN_KINDS = {
  deadline: "unavailable",
  format: "unavailable",
  tool: "unavailable",
  unresolved: "not_found",
  closed: "unavailable",
} as const satisfies Readonly<Record<string, ErrorCode>>;

type OwnKind = keyof typeof OWN_KINDS;

/** Why there is no answer. */
export type InvokeFailureKind = CallFailureKind | OwnKind;

/** What ends an invocation from inside, before it is known what else there is to say of it. */
export class Failure extends Error {
  readonly kind: InvokeFailureKind;
  constructor(kind: InvokeFailureKind, message: string, cause?: unknown) {
    super(message, { cause });
    this.kind = kind;
  }
}

/** The kind of an error that came up on the way to an answer; undefined for one of another sort. */
export function kindOf(error: unknown): InvokeFailureKind | undefined {
  return error instanceof Failure ? error.kind : failureKind(error);
}

export function codeOfKind(kind: InvokeFailureKind): ErrorCode {
  return isOwn(kind) ? OWN_KINDS[kind] : codeOf(kind);
}

function isOwn(kind: InvokeFailureKind): kind is OwnKind {
  return Object.hasOwn(OWN_KINDS, kind);
}
