import { type ErrorCode, SluiceError } from "../domain/errors.ts";

interface Kind {
  /** The code of the error that users see. */
  readonly code: ErrorCode;
  /** The same call may succeed a moment later. */
  readonly retry?: true;
  /** Says something about the endpoint as a whole: the next call would fare no better. */
  readonly outage?: true;
  /** No call with these settings can ever succeed: the key, the address or the model is wrong. */
  readonly misconfigured?: true;
}

const KINDS = {
  no_key: { code: "forbidden", misconfigured: true },
  no_package: { code: "unavailable", misconfigured: true },
  auth: { code: "forbidden", misconfigured: true },
  address: { code: "invalid_input", misconfigured: true },
  redirect: { code: "invalid_input", misconfigured: true },
  model: { code: "not_found", misconfigured: true },
  request: { code: "invalid_input" },
  too_long: { code: "invalid_input" },
  content_blocked: { code: "forbidden" },
  rate_limit: { code: "unavailable", retry: true, outage: true },
  server: { code: "unavailable", retry: true, outage: true },
  overloaded: { code: "unavailable", retry: true, outage: true },
  timeout: { code: "unavailable", retry: true, outage: true },
  first_token_timeout: { code: "unavailable", retry: true, outage: true },
  idle_timeout: { code: "unavailable", retry: true, outage: true },
  attempt_timeout: { code: "unavailable", retry: true, outage: true },
  connection: { code: "unavailable", retry: true, outage: true },
  truncated: { code: "unavailable", retry: true },
  interrupted: { code: "unavailable", retry: true, outage: true },
  html: { code: "unavailable", outage: true },
  malformed: { code: "unavailable", retry: true },
  empty: { code: "unavailable", retry: true },
  no_text: { code: "unavailable" },
  too_large: { code: "invalid_input" },
  cancelled: { code: "unavailable" },
  circuit_open: { code: "unavailable", outage: true },
  budget: { code: "gate_failed" },
  no_price: { code: "invalid_input", misconfigured: true },
} as const satisfies Readonly<Record<string, Kind>>;

/** Why a call to a model failed: `details.kind` of the error. */
export type CallFailureKind = keyof typeof KINDS;

export function codeOf(kind: CallFailureKind): ErrorCode {
  return KINDS[kind].code;
}

export function isWorthARetry(kind: CallFailureKind): boolean {
  return "retry" in KINDS[kind];
}

export function isOutageKind(kind: string | undefined): boolean {
  return isKind(kind) && "outage" in KINDS[kind];
}

export function isMisconfigured(error: unknown): boolean {
  const kind = failureKind(error);
  return isKind(kind) && "misconfigured" in KINDS[kind];
}

export function failureKind(error: unknown): CallFailureKind | undefined {
  return error instanceof SluiceError ? (error.details["kind"] as CallFailureKind | undefined) : undefined;
}

/** Other errors have a kind in their details too. */
function isKind(kind: string | undefined): kind is CallFailureKind {
  return kind !== undefined && Object.hasOwn(KINDS, kind);
}
