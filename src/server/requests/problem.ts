import { SluiceError, type ErrorCode } from "../../domain/errors.ts";
import { isOutsideError } from "../../domain/outside-error.ts";
import type { RetryLater } from "../../resolver/index.ts";
import { isStoreTrouble } from "../../storage/store-failure.ts";

/** The codes of the command line, and those that only a request can meet. */
export type ProblemCode =
  | ErrorCode
  | "unauthenticated"
  | "precondition_failed"
  | "precondition_required"
  | "too_large"
  | "unsupported"
  | "rate_limited"
  | "refused_batch"
  | "key_reused"
  | "not_here"
  | "method_not_allowed";

const STATUS: Readonly<Record<ProblemCode, number>> = {
  invalid_input: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  stale_evidence: 409,
  precondition_failed: 412,
  too_large: 413,
  unsupported: 415,
  gate_failed: 422,
  refused_batch: 422,
  key_reused: 422,
  precondition_required: 428,
  rate_limited: 429,
  internal: 500,
  not_here: 501,
  unavailable: 503,
};

const TITLE: Readonly<Record<ProblemCode, string>> = {
  invalid_input: "The request is not as it must be",
  unauthenticated: "No valid key",
  forbidden: "The key may not do this",
  not_found: "There is no such thing",
  conflict: "Something else has happened meanwhile",
  stale_evidence: "The evidence is of another version",
  precondition_failed: "It has changed since it was read",
  too_large: "The body is too large",
  unsupported: "The content type is not supported",
  gate_failed: "The gate has not been passed",
  refused_batch: "The batch cannot be stored",
  key_reused: "The Idempotency-Key is another request's",
  precondition_required: "The expected revision is missing",
  rate_limited: "Too many requests",
  internal: "This is a bug in Sluice",
  not_here: "This server does not do this",
  method_not_allowed: "This cannot be done to it",
  unavailable: "A part cannot be reached",
};

/** A request that is refused in a way that only HTTP knows. */
export class RequestRefused extends Error {
  readonly code: ProblemCode;
  readonly headers: Readonly<Record<string, string>>;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    code: ProblemCode,
    message: string,
    headers: Record<string, string> = {},
    details: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
    this.name = "RequestRefused";
    this.code = code;
    this.headers = headers;
    this.details = details;
  }
}

export function tooMany(message: string, afterSeconds: number): RequestRefused {
  return new RequestRefused("rate_limited", message, { "retry-after": String(Math.ceil(afterSeconds)) });
}

/** To whoever sends more than there is room for. */
export function comeAgain({ message, afterMs }: RetryLater): RequestRefused {
  return tooMany(`${message}; send it again`, afterMs / 1_000);
}

/** RFC 9457; `error` is what the command line prints with `--json`. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  readonly requestId: string;
  readonly error: {
    readonly code: ProblemCode;
    readonly message: string;
    readonly details: Readonly<Record<string, unknown>>;
  };
}

export interface AnsweredProblem {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Problem;
}

/** What a caller is told of an error: nothing of ours beyond its code and its one line. */
export function problemOf(
  error: unknown,
  at: { readonly instance: string; readonly requestId: string },
): AnsweredProblem {
  const { code, message, details = {}, headers = {} } = read(error);
  const status = STATUS[code];
  return {
    status,
    headers: {
      ...(status === 503 && { "retry-after": "1" }),
      ...(status === 401 && { "www-authenticate": 'Bearer realm="sluice"' }),
      ...headers,
    },
    body: {
      type: `urn:sluice:problem:${code}`,
      title: TITLE[code],
      status,
      detail: message,
      ...at,
      error: { code, message, details },
    },
  };
}

/** The status that an error is answered with. */
export function statusOf(error: unknown): number {
  return STATUS[read(error).code];
}

interface Read {
  readonly code: ProblemCode;
  readonly message: string;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

function read(error: unknown): Read {
  if (error instanceof RequestRefused) return error;
  if (error instanceof SluiceError && error.code !== "internal") return error;
  const found = ofHttp(error);
  if (found) return found;
  // A connection that Postgres drops has no code, only words.
  if (!(error instanceof SluiceError) && (isOutsideError(error) || isStoreTrouble(error)))
    return { code: "unavailable", message: "a part outside of this server failed; try again in a moment" };
  return {
    code: "internal",
    message: "this is a bug in Sluice; report it with the request id, which its log has",
  };
}

/** What Fastify refuses before a route is asked. */
function ofHttp(error: unknown): Read | undefined {
  const { code, statusCode } = error as { code?: unknown; statusCode?: unknown };
  if (statusCode === 413) return { code: "too_large", message: "the body is larger than this route takes" };
  if (statusCode === 415)
    return { code: "unsupported", message: "this content type is not taken here; send application/json" };
  if (typeof statusCode === "number" && statusCode >= 400 && statusCode < 500)
    return { code: "invalid_input", message: refused(code) };
  return undefined;
}

const REFUSED: Readonly<Record<string, string>> = {
  FST_ERR_CTP_INVALID_JSON_BODY: "the body is no JSON",
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: "the body's length is not what Content-Length says",
  FST_ERR_BAD_URL: "the address is not well formed",
  FST_ERR_MAX_PARAM_LENGTH: "a part of the address is longer than any name can be",
};

function refused(code: unknown): string {
  return REFUSED[String(code)] ?? "the request is not well formed";
}
