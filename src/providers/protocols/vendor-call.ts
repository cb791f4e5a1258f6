import { callFailure, type CallPlace } from "../call-failure.ts";
import { orAborted } from "../or-aborted.ts";
import { fromVendorError } from "./vendor-error.ts";

/** What is wrong with an answer that came: "no choices". */
export type AnswerFailure = (kind: "malformed" | "no_text" | "empty", what: string) => Error;

/** One call of a vendor's SDK: whatever it throws, and an answer that is none, is the one error that users see. */
export async function vendorCall<T>(
  place: CallPlace,
  signal: AbortSignal | undefined,
  call: (fail: AnswerFailure) => Promise<T>,
): Promise<T> {
  try {
    const fail: AnswerFailure = (kind, what) => callFailure(kind, place, `${place.endpoint} gave ${what}`);
    return await orAborted(call(fail), signal);
  } catch (error) {
    throw fromVendorError(error, place, signal);
  }
}
