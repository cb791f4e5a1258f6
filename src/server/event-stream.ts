import type { ServerResponse } from "node:http";
import type { Caller } from "./caller.ts";
import type { Parts } from "./parts.ts";
import { problemOf } from "./requests/problem.ts";

/** A stream that tells of one piece of work, and of how it has ended. */
export interface WorkStream {
  readonly send: (event: string, data: unknown) => void;
  /** Aborted when nobody listens any more: whoever asked has gone, their key is no longer good, or this server ends. */
  readonly signal: AbortSignal;
}

/**
 * Does a piece of work whose progress is told: its last event is `end`, with what `work` gives, or `error`, as a
 * problem's `error` is. A stream that ends with neither has broken off.
 */
export function streamWork(
  response: ServerResponse,
  {
    parts,
    caller,
    requestId,
    work,
  }: {
    readonly parts: Pick<Parts, "streams">;
    readonly caller: Caller;
    readonly requestId: string;
    readonly work: (stream: WorkStream) => Promise<unknown>;
  },
): void {
  const gone = new AbortController();
  response.on("close", () => gone.abort());
  const stream = parts.streams.add(response, { keyId: caller.key.id, stillLet: caller.stillGood });
  const send = (event: string, data: unknown) =>
    stream.send(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  work({ send, signal: gone.signal })
    .then(
      (result) => send("end", result),
      (error: unknown) => send("error", problemOf(error, { instance: "", requestId }).body.error),
    )
    .finally(() => stream.end());
}
