import { messageOf, type SluiceError } from "../../domain/errors.ts";
import { callFailure, type CallPlace } from "../call-failure.ts";
import { fromVendorError } from "../protocols/vendor-error.ts";
import type { Watchdog } from "./watchdog.ts";

/** An error that a vendor sends in a stream that had begun well: it has a type, and no status. */
interface StreamError {
  readonly status?: number;
  readonly type?: unknown;
  readonly message?: unknown;
  readonly error?: { readonly type?: unknown; readonly message?: unknown; readonly error?: StreamError };
}

/** What AWS's reader of event streams says of a message that ends too early, or came otherwise than it was sent. */
const BROKEN_FRAME = /^Truncated event message|checksum/;

/** Turns whatever ended a stream into the one error that users see. */
export function streamFailure(thrown: unknown, place: CallPlace, watchdog: Watchdog): SluiceError {
  const ended = watchdog.failure(place);
  if (ended) return ended;
  const { status, ...told } = (thrown ?? {}) as StreamError;
  const inner = told.error?.error ?? told.error ?? told;
  if (status === undefined && typeof inner.type === "string") {
    const words = typeof inner.message === "string" ? `: ${inner.message.slice(0, 160)}` : "";
    const kind = /rate_limit|throttling/.test(inner.type)
      ? "rate_limit"
      : /overloaded|serviceUnavailable/.test(inner.type)
        ? "overloaded"
        : "server";
    return callFailure(kind, place, `${place.endpoint} broke its answer off (${inner.type}${words})`);
  }
  // What undici says when the connection ends before the stream does.
  if (thrown instanceof TypeError || BROKEN_FRAME.test(messageOf(thrown))) return brokenOff(place, thrown);
  return fromVendorError(thrown, place);
}

/** A stream that ended without saying that it was complete: never taken for an answer. */
export function brokenOff(place: CallPlace, cause?: unknown): SluiceError {
  return callFailure("interrupted", place, `${place.endpoint} gave an answer that broke off`, { cause });
}
