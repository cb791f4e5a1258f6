import { awaySince, Refused, refusalOf, sessionsLost } from "./send.ts";

interface Told {
  readonly event: string;
  readonly data: unknown;
}

/**
 * Asks for something that the server does while it tells of it, and gives what its last event says. What is refused,
 * before it began or in the middle, is `Refused`, and so is a stream that ends without having said how.
 */
export async function followWork<T>(
  path: string,
  body: unknown,
  { signal, onEvent }: { readonly signal: AbortSignal; readonly onEvent: (told: Told) => void },
): Promise<T> {
  const response = await fetch(path, {
    method: "POST",
    headers: { accept: "text/event-stream", "content-type": "application/json" },
    body: JSON.stringify(body),
    signal,
  }).catch((error: unknown) => {
    if (signal.aborted) throw error;
    awaySince.set(awaySince.get() ?? new Date());
    throw new Refused(0, "unavailable", "The server cannot be reached.");
  });
  awaySince.set(undefined);
  if (!response.ok || !response.body) {
    if (response.status === 401) sessionsLost.set(sessionsLost.get() + 1);
    throw refusalOf(response.status, await response.json().catch(() => undefined));
  }
  for await (const told of eventsOf(response.body, signal)) {
    if (told.event === "end") return told.data as T;
    if (told.event === "error") throw refusalOf(200, { error: told.data });
    onEvent(told);
  }
  throw new Refused(0, "unavailable", "The answer broke off: the connection ended before it did.");
}

async function* eventsOf(body: ReadableStream<Uint8Array>, signal: AbortSignal): AsyncGenerator<Told> {
  const reader = body
    .pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)
    .getReader();
  let buffer = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      buffer += value;
      const blocks = buffer.split("\n\n");
      buffer = blocks.pop() ?? "";
      for (const block of blocks) {
        const told = read(block);
        if (told) yield told;
      }
    }
  } catch (error) {
    if (signal.aborted) throw error;
    // What a browser says of a connection that was cut means nothing to anybody.
    throw new Refused(0, "unavailable", "The answer broke off: the connection was lost.");
  } finally {
    void reader.cancel().catch(() => undefined);
  }
}

/** Comments keep the connection open, and say nothing. */
function read(block: string): Told | undefined {
  const field = (name: string) =>
    block
      .split("\n")
      .find((line) => line.startsWith(`${name}: `))
      ?.slice(name.length + 2);
  const [event, data] = [field("event"), field("data")];
  return event === undefined || data === undefined ? undefined : { event, data: JSON.parse(data) as unknown };
}
