import { SluiceError } from "../../domain/errors.ts";
import { retryAfterMs } from "../../domain/retry-after.ts";
import { AnswerProblem, callFailure, type CallPlace } from "../call-failure.ts";

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
  // Said without what it was caused by, which may repeat what a file of credentials holds.
  if (NO_LOGIN.test(error.message))
    return callFailure("no_key", place, `there is no login to ${place.cloud} here`);
  if (typeof error.status === "number") return fromStatus(error, error.status, place);
  if (/timed? ?out|abort/i.test(`${nameOf(thrown)} ${error.message}`))
    return callFailure("timeout", place, `${place.endpoint} did not answer in time`, { cause: thrown });
  const system = findCause(thrown, (cause) => typeof (cause as { code?: unknown }).code === "string") as
    | { code: string }
    | undefined;
  const what = system ? `cannot reach ${place.endpoint} (${system.code})` : `cannot reach ${place.endpoint}`;
  return callFailure("connection", place, what, { cause: thrown });
}

/** What the clouds' SDKs say where they find no credentials. */
const NO_LOGIN = /^Failed to (?:resolve AWS|acquire Google OAuth) credentials/;

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
  // 424 is Bedrock's: the model behind it failed.
  if (status === 408 || status === 409 || status === 424 || status >= 500) {
    const retryAfterMs = retryAfter(error.headers);
    return callFailure(status === 529 ? "overloaded" : "server", place, what, {
      ...facts,
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    });
  }
  if (NO_MODEL.test(message)) return callFailure("model", place, what, facts);
  return callFailure(refusedRequest(error, message), place, what, facts);
}

/** What Bedrock says of a model that it does not have, or not by this name. */
const NO_MODEL = /model identifier is invalid|on-demand throughput/i;

/** Why a vendor refuses a request as it is; each of them has a code, or words, of its own for the two that matter. */
function refusedRequest({ error }: VendorError, message: string): "too_long" | "content_blocked" | "request" {
  const body = error as { code?: unknown; error?: { code?: unknown } } | undefined;
  const given = body?.code ?? body?.error?.code;
  const code = typeof given === "string" ? given : "";
  if (
    code === "context_length_exceeded" ||
    /(?:prompt|input) is too long|maximum context length/i.test(message)
  )
    return "too_long";
  if (/content_filter|content_policy/.test(code) || /content (?:filter|management)/i.test(message))
    return "content_blocked";
  return "request";
}

/** Milliseconds to wait, from `retry-after-ms`, which vendors have for shorter ones, or `retry-after`. */
function retryAfter(headers: VendorError["headers"]): number | undefined {
  const ms = Number(headers?.get("retry-after-ms") ?? Number.NaN);
  if (Number.isFinite(ms) && ms >= 0) return ms;
  return headers ? retryAfterMs(headers, Date.now()) : undefined;
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
