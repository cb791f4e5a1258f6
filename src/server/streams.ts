import type { ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import type { ScopeColumns } from "../domain/scope.ts";

/** Resolvers take a stream for dead after 25 s of silence. */
const BEAT_MS = 10_000;
/** A reader that lags by more than this is dropped: it opens the stream again and asks for what it has missed. */
const MOST_UNSENT_BYTES = 1_048_576;
const RETRY = "retry: 2000\n\n";
/** Streams that are ended together come back spread over so many ms each, and over this at most in all. */
const SPREAD_MS = 5;
const LONGEST_SPREAD_MS = 10_000;

export interface StreamReader {
  /** Whether what happens in a scope may be told. */
  readonly sees: (scope: ScopeColumns) => boolean;
  /** Asked at every beat: false ends the stream. */
  readonly stillLet: () => Promise<boolean>;
}

/** The streams of server-sent events that are open, and what they are told. */
export class Streams {
  readonly #open = new Map<ServerResponse, StreamReader>();
  readonly #beat: NodeJS.Timeout;
  /** Readers that lagged too far behind. */
  dropped = 0;

  constructor() {
    this.#beat = setInterval(() => void this.#beatAll(), BEAT_MS);
    this.#beat.unref();
  }

  get size(): number {
    return this.#open.size;
  }

  /** The response becomes a stream; its head is sent with the first comment. */
  add(response: ServerResponse, reader: StreamReader): void {
    response.writeHead(200, {
      "content-type": "text/event-stream",
      "cache-control": "no-store",
      "x-accel-buffering": "no",
    });
    response.write(RETRY);
    this.#open.set(response, reader);
    const forget = () => void this.#open.delete(response);
    response.on("close", forget);
    response.on("error", forget);
  }

  /** Tells of a pointer that has moved; without a scope any may have. */
  pointerMoved(scope?: ScopeColumns & { readonly revision?: number }): void {
    const text = `event: pointer\ndata: ${JSON.stringify(scope ?? {})}\n\n`;
    for (const [response, { sees }] of this.#open) if (!scope || sees(scope)) this.#send(response, text);
  }

  #send(response: ServerResponse, text: string): void {
    if (response.writableLength <= MOST_UNSENT_BYTES) return void response.write(text);
    this.dropped++;
    response.destroy();
  }

  async #beatAll(): Promise<void> {
    await Promise.all(
      [...this.#open].map(async ([response, reader]) => {
        if (await reader.stillLet().catch(() => true)) this.#send(response, ": beat\n\n");
        else response.end();
      }),
    );
  }

  /** Ends every stream, spread out, so that not all of them come back at the same moment. */
  async end(): Promise<void> {
    clearInterval(this.#beat);
    const responses = [...this.#open.keys()];
    const spread = Math.min(LONGEST_SPREAD_MS, responses.length * SPREAD_MS);
    await Promise.all(responses.map((response) => endAfter(response, Math.random() * spread)));
  }
}

/** Its reader may have gone already, so nothing is waited for but the time. */
async function endAfter(response: ServerResponse, ms: number): Promise<void> {
  await delay(ms);
  response.end();
}
