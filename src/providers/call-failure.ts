import { type ErrorCode, SluiceError } from "../domain/errors.ts";
import { vendorOf } from "../domain/vendors.ts";
import type { CallTarget } from "./completion.ts";

/**
 * Why a call to a model failed: `details.kind` of the error. The kinds of {@link isOutageKind} say something
 * about the endpoint as a whole, the others about one request or answer.
 */
export type CallFailureKind =
  | "no_key"
  | "auth"
  | "address"
  | "redirect"
  | "model"
  | "request"
  | "rate_limit"
  | "server"
  | "timeout"
  | "connection"
  | "truncated"
  | "html"
  | "malformed"
  | "empty"
  | "no_text"
  | "too_large"
  | "cancelled"
  | "circuit_open"
  | "budget"
  | "no_price";

const CODES: Readonly<Record<CallFailureKind, ErrorCode>> = {
  no_key: "forbidden",
  auth: "forbidden",
  address: "invalid_input",
  redirect: "invalid_input",
  model: "not_found",
  request: "invalid_input",
  rate_limit: "unavailable",
  server: "unavailable",
  timeout: "unavailable",
  connection: "unavailable",
  truncated: "unavailable",
  html: "unavailable",
  malformed: "unavailable",
  empty: "unavailable",
  no_text: "unavailable",
  too_large: "invalid_input",
  cancelled: "unavailable",
  circuit_open: "unavailable",
  budget: "gate_failed",
  no_price: "invalid_input",
};

const WORTH_A_RETRY: ReadonlySet<CallFailureKind> = new Set([
  "rate_limit",
  "server",
  "timeout",
  "connection",
  "truncated",
  "malformed",
  "empty",
]);

/** Whether the same call may succeed a moment later. */
export function isWorthARetry(kind: CallFailureKind): boolean {
  return WORTH_A_RETRY.has(kind);
}

const OUTAGES: ReadonlySet<CallFailureKind> = new Set([
  "rate_limit",
  "server",
  "timeout",
  "connection",
  "html",
  "circuit_open",
]);

/** Whether the endpoint is unreachable, so that the next call would fare no better. */
export function isOutageKind(kind: string | undefined): boolean {
  return OUTAGES.has(kind as CallFailureKind);
}

const MISCONFIGURED: ReadonlySet<CallFailureKind> = new Set([
  "no_key",
  "auth",
  "address",
  "redirect",
  "model",
  "no_price",
]);

/** Whether no call with these settings can ever succeed: the key, the address or the model is wrong. */
export function isMisconfigured(error: unknown): boolean {
  const kind = failureKind(error);
  return kind !== undefined && MISCONFIGURED.has(kind);
}

export function failureKind(error: unknown): CallFailureKind | undefined {
  return error instanceof SluiceError ? (error.details["kind"] as CallFailureKind | undefined) : undefined;
}

/** Where a call went, for messages. */
export interface CallPlace {
  readonly target: CallTarget;
  /** Base URL, without credentials. */
  readonly endpoint: string;
  /** The provider as a file names it. */
  readonly configured?: { readonly keyVariable?: string } | undefined;
}

/** Where a provider's key and address are given, for messages. */
function placesOf(provider: string, keyVariable: string | undefined): { key: string; url: string } {
  const vendor = vendorOf(provider);
  return vendor
    ? { key: `${vendor.variables}_API_KEY`, url: `${vendor.variables}_BASE_URL` }
    : {
        key: keyVariable ?? "a variable that the providers file names",
        url: `${provider}.base_url in the providers file`,
      };
}

/** The error for a kind, with what to do about it; `what` continues the words "<endpoint> answered …". */
export function callFailure(
  kind: CallFailureKind,
  place: CallPlace,
  what: string,
  extra: { status?: number; retryAfterMs?: number; cause?: unknown } = {},
): SluiceError {
  const { target, endpoint } = place;
  const model = `${target.provider}/${target.model}`;
  const { cause, ...facts } = extra;
  return new SluiceError(
    CODES[kind],
    `${model}: ${what}; ${advice(kind, place)}`,
    { kind, model, endpoint, ...facts },
    { cause, retryable: isWorthARetry(kind) || kind === "circuit_open" },
  );
}

function advice(kind: CallFailureKind, { target, configured }: CallPlace): string {
  const { provider, model, endpoint } = target;
  const names = placesOf(provider, configured?.keyVariable);
  const url = endpoint ? "the provider's apiBaseUrl" : names.url;
  switch (kind) {
    case "no_key":
    case "auth":
      return endpoint
        ? 'give the provider a key that this endpoint takes: apiKey: "{{ env.NAME }}", with --allow-env NAME'
        : `set ${names.key} to a key that this endpoint takes`;
    case "address":
      return `give the key in ${names.key} and take it out of ${url}`;
    case "redirect":
      return `write the address that it stands for as ${url}`;
    case "model":
      return `check that "${model}" is a model this endpoint serves, and ${url}`;
    case "request":
      return "check the prompt's params, tools and output_schema against what the model takes";
    case "rate_limit":
      return "lower the concurrency, or try again later";
    case "html":
      return `check ${url}: it does not look like a model endpoint`;
    case "connection":
      return `check that it is running and that ${url} is right`;
    case "timeout":
      return "raise the time-out or try again later";
    case "too_large":
      return "set max_tokens in the prompt's params";
    case "no_text":
      return "check the prompt, and max_tokens in its params";
    case "cancelled":
      return "start it again to go on";
    case "budget":
      return "raise max_cost_usd, use fewer cases, or set max_tokens in the prompt's params";
    case "no_price":
      return "add its price to the prices file, or remove the budget";
    default:
      return "try again later";
  }
}

/** A problem found while the answer is read, inside `fetch`, where the model is not known yet. */
export class AnswerProblem extends Error {
  readonly kind: CallFailureKind;
  constructor(kind: CallFailureKind, message: string, cause?: unknown) {
    super(message, { cause });
    this.kind = kind;
  }
}

export function answerProblem(kind: CallFailureKind, what: string, cause?: unknown): AnswerProblem {
  return new AnswerProblem(kind, what, cause);
}

/** What both vendor SDKs' errors have in common; read by shape, so that neither SDK need be loaded. */
interface VendorError {
  readonly status?: number;
  readonly headers?: { get(name: string): string | null };
  readonly message: string;
  readonly error?: unknown;
  readonly cause?: unknown;
  readonly name?: string;
}

/** Turns whatever a vendor SDK threw into the one error that users see. */
export function fromVendorError(thrown: unknown, place: CallPlace, signal?: AbortSignal): SluiceError {
  if (thrown instanceof SluiceError) return thrown;
  if (signal?.aborted) return callFailure("cancelled", place, "the call was cancelled");
  const problem = findCause(thrown, (cause) => cause instanceof AnswerProblem);
  if (problem instanceof AnswerProblem)
    return callFailure(problem.kind, place, `${place.endpoint} gave ${problem.message}`, { cause: thrown });
  const error = thrown as VendorError;
  if (typeof error.status === "number") return fromStatus(error, error.status, place);
  if (/timed? ?out|abort/i.test(`${nameOf(thrown)} ${error.message}`))
    return callFailure("timeout", place, `${place.endpoint} did not answer in time`, { cause: thrown });
  const system = findCause(thrown, (cause) => typeof (cause as { code?: unknown }).code === "string") as
    { code: string } | undefined;
  const what = system ? `cannot reach ${place.endpoint} (${system.code})` : `cannot reach ${place.endpoint}`;
  return callFailure("connection", place, what, { cause: thrown });
}

function nameOf(thrown: unknown): string {
  return (thrown as object | null)?.constructor?.name ?? "";
}

function fromStatus(error: VendorError, status: number, place: CallPlace): SluiceError {
  const message = vendorMessage(error);
  const what = `${place.endpoint} answered ${status}${message && ` (${message})`}`;
  const facts = { status, cause: error };
  if (status === 401 || status === 403) return callFailure("auth", place, what, facts);
  if (status === 404) return callFailure("model", place, what, facts);
  if (status === 429) {
    const retryAfterMs = retryAfter(error.headers);
    const wait = (retryAfterMs ?? 0) >= 1000 ? ` and asks to wait ${Math.round(retryAfterMs! / 1000)} s` : "";
    return callFailure("rate_limit", place, `${what}${wait}`, {
      ...facts,
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    });
  }
  if (status === 408 || status === 409 || status >= 500) {
    const retryAfterMs = retryAfter(error.headers);
    return callFailure("server", place, what, {
      ...facts,
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    });
  }
  return callFailure("request", place, what, facts);
}

/** Milliseconds to wait, from `retry-after-ms` or `retry-after` (seconds or an HTTP date). */
function retryAfter(headers: VendorError["headers"]): number | undefined {
  const ms = Number(headers?.get("retry-after-ms") ?? Number.NaN);
  if (Number.isFinite(ms) && ms >= 0) return ms;
  const text = headers?.get("retry-after");
  if (!text) return undefined;
  const seconds = Number(text);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}

/** The vendor's own words, one short line without the answer's markup. */
function vendorMessage(error: VendorError): string {
  const body = error.error as { message?: unknown; error?: { message?: unknown } } | undefined;
  const words = body?.error?.message ?? body?.message ?? error.message.replace(/^\d{3} /, "");
  const line = (typeof words === "string" ? words : JSON.stringify(words)).replace(/\s+/g, " ").trim();
  if (line.startsWith("<") || line.includes("no body")) return "";
  return line.length > 160 ? `${line.slice(0, 160)}…` : line;
}

function findCause(error: unknown, matches: (cause: unknown) => boolean): unknown {
  for (let cause = error, depth = 0; cause && depth < 6; depth += 1) {
    if (matches(cause)) return cause;
    cause = (cause as { cause?: unknown }).cause;
  }
  return undefined;
}
