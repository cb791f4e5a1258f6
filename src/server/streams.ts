import type { ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import type { ScopeColumns } from "../domain/scope.ts";

/** Resolvers take a stream for dead after 25 s of silence. */
const HEARTBEAT_MS = 10_000;
/** How often it is seen whether keys are still good, of which nothing was heard. */
const CHECK_MS = 1_000;
/** A reader that lags by more than this is dropped: it opens the stream again and asks for what it has missed. */
const MOST_UNSENT_BYTES = 1_048_576;
const RETRY = "retry: 2000\n\n";
const HEARTBEAT = ": heartbeat\n\n";
/** Streams that are ended together come back spread over so many ms each, and over this at most in all. */
const SPREAD_MS = 5;
const LONGEST_SPREAD_MS = 10_000;

export interface StreamReader {
  /** Whose stream it is. */
  readonly keyId: string;
  /** Whether what happens in a scope may be told; a stream that is not about pointers is told of none. */
  readonly sees?: (scope: ScopeColumns) => boolean;
  /** Whether the key is still good: false ends the stream. */
  readonly stillLet: () => Promise<boolean>;
}

/** One stream, for whoever has something to tell on it. */
export interface Stream {
  /** Drops a reader that lags too far behind. */
  send(text: string): void;
  end(): void;
}

/** The streams of server-sent events that are open, and what they are told. */
export class Streams {
  readonly #open = new Map<ServerResponse, StreamReader>();
  readonly #timers: readonly NodeJS.Timeout[];
  /** Readers that lagged too far behind. */
  dropped = 0;

  constructor() {
    const heartbeat = setInterval(() => this.#heartbeatAll(), HEARTBEAT_MS);
    const check = setInterval(() => void this.check(), CHECK_MS);
    this.#timers = [heartbeat, check];
    for (const timer of this.#timers) timer.unref();
  }

  get size(): number {
    return this.#open.size;
  }

  /** The response becomes a stream; its head is sent with the first comment. */
  add(response: ServerResponse, reader: StreamReader): Stream {
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
    return { send: (text) => this.#send(response, new Told(text)), end: () => void response.end() };
  }

  /** Tells of a pointer that has moved; without a scope any may have. */
  pointerMoved(scope?: ScopeColumns & { readonly revision?: number }): void {
    const told = new Told(`event: pointer\ndata: ${JSON.stringify(scope ?? {})}\n\n`);
    for (const [response, { sees }] of this.#open)
      if (sees && (!scope || sees(scope))) this.#send(response, told);
  }

  #send(response: ServerResponse, told: Told): void {
    if (response.destroyed || response.writableEnded) return;
    if (response.writableLength <= MOST_UNSENT_BYTES) return told.writeTo(response);
    this.dropped++;
    response.destroy();
  }

  #heartbeatAll(): void {
    const told = new Told(HEARTBEAT);
    for (const response of this.#open.keys()) this.#send(response, told);
  }

  /** Ends the streams whose keys are no longer good; those of one key alone where it is named. Each key is asked once. */
  async check(keyId?: string): Promise<void> {
    const verdicts = new Map<string, Promise<boolean>>();
    await Promise.all(
      [...this.#open].map(async ([response, reader]) => {
        if (keyId !== undefined && reader.keyId !== keyId) return;
        const verdict =
          verdicts.get(reader.keyId) ??
          // With the store unreachable nobody can have revoked it.
          reader.stillLet().catch(() => true);
        verdicts.set(reader.keyId, verdict);
        if (!(await verdict)) response.end();
      }),
    );
  }

  /** Ends every stream, spread out, so that not all of them come back at the same moment. */
  async end(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    const responses = [...this.#open.keys()];
    const spread = Math.min(LONGEST_SPREAD_MS, responses.length * SPREAD_MS);
    await Promise.all(responses.map((response) => endAfter(response, Math.random() * spread)));
  }
}

/** What is told on streams: made a chunk of HTTP/1.1 once, and the same bytes for all of them. */
class Told {
  readonly #text: string;
  readonly #chunk: Buffer;

  constructor(text: string) {
    this.#text = text;
    this.#chunk = Buffer.from(`${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`);
  }

  /** A response has no socket while the one before it on its connection is still being sent; HTTP/1.0 has no chunks. */
  writeTo(response: ServerResponse): void {
    const { socket, chunkedEncoding } = response;
    if (socket?.writable && chunkedEncoding) socket.write(this.#chunk);
    else response.write(this.#text);
  }
}

/** Its reader may have gone already, so nothing is waited for but the time. */
async function endAfter(response: ServerResponse, ms: number): Promise<void> {
  await delay(ms);
  response.end();
}
