import { answerProblem } from "../call-failure.ts";
import { type FetchOptions, MAX_ANSWER_BYTES, sendOnly, tokensOf, wholeAnswer } from "../bounded-fetch.ts";

/** What ends a stream of OpenAI's; the SDK reads it, and says nothing of whether it came. */
const DONE = "data: [DONE]";
/** Server-sent events, or AWS's framing of the same, which its SDK reads. */
const STREAM = /\btext\/event-stream\b|\bapplication\/vnd\.amazon\.eventstream\b/;
const WATCHED = new WeakMap<Response, { readonly isDone: boolean }>();

/** Whether the mark at the end of a stream has come, of an answer of {@link streamedFetch}. */
export function hasCome(response: Response): boolean {
  return WATCHED.get(response)?.isDone === true;
}

/**
 * A `fetch` for the vendor SDKs that hands a stream of events on as it comes, with the guarantees of `boundedFetch`:
 * never more than `maxBytes` of it, and only from the address that was called. Whatever is no such stream is read whole.
 */
export function streamedFetch({
  send = globalThis.fetch,
  maxBytes = MAX_ANSWER_BYTES,
  onlyKey,
  secrets = [],
  hasLogin = false,
}: FetchOptions = {}): typeof globalThis.fetch {
  return async (input, init) => {
    const response = await sendOnly({ send, onlyKey }, input, init);
    const isStream = STREAM.test(response.headers.get("content-type") ?? "");
    const bounds = { maxBytes, secrets: hasLogin ? [...secrets, ...tokensOf(init)] : secrets };
    if (!response.ok || !response.body) return wholeAnswer(response, bounds);
    if (!isStream) {
      // What it says instead is told as it is of any other answer.
      await wholeAnswer(response, bounds);
      throw answerProblem("malformed", "an answer in one piece, where a stream of events was asked for");
    }
    const headers = new Headers(response.headers);
    for (const name of ["content-encoding", "content-length", "transfer-encoding"]) headers.delete(name);
    const watching = { isDone: false };
    const body = response.body.pipeThrough(watched(maxBytes, watching));
    const told = new Response(body, { status: response.status, headers });
    WATCHED.set(told, watching);
    return told;
  };
}

/** Counts what goes through, and notes the mark at the end, wherever it is cut into pieces. */
function watched(maxBytes: number, watching: { isDone: boolean }): TransformStream<Uint8Array, Uint8Array> {
  const decoder = new TextDecoder("latin1");
  let bytes = 0;
  let tail = "";
  return new TransformStream({
    transform(chunk, controller) {
      bytes += chunk.byteLength;
      if (bytes > maxBytes)
        throw answerProblem("too_large", `an answer of more than ${Math.round(maxBytes / 1024 / 1024)} MB`);
      tail += decoder.decode(chunk, { stream: true });
      watching.isDone ||= tail.includes(DONE);
      tail = tail.slice(-DONE.length);
      controller.enqueue(chunk);
    },
  });
}
