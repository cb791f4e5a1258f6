import { activeTraceparent } from "../../telemetry/spans.ts";
import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { jsonWithoutSecrets, withoutSecrets } from "../../domain/echoed-secret.ts";
import { messageOf, SluiceError, unavailable } from "../../domain/errors.ts";
import { jittered } from "../../domain/jitter.ts";
import { shown } from "../../domain/text/visible.ts";
import { retryAfterMs } from "../../domain/retry-after.ts";
import { forGood, serverError } from "./server-error.ts";

export interface ServerPlace {
  /** Without a key in it. */
  readonly base: string;
  readonly key: string;
  /** Where the key comes from, for messages: `SLUICE_KEY`, `key`. */
  readonly keyFrom: string;
  /** Who is meant to be at work. What is changed is refused where the key is somebody else's. */
  readonly actor: string | undefined;
}

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

export interface Change {
  readonly body: unknown;
  readonly query?: Query;
  /** For one attempt, in ms. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
  /** It would be done twice if it were asked twice: where its answer is lost, it is not asked again. */
  readonly once?: true;
}

const READ_MS = 15_000;
/** Ending another rollout, which a start may have to wait for, takes a worker up to a minute. */
const CHANGE_MS = 90_000;
/** A little longer than a server computes at most. */
export const COMPUTED_MS = 310_000;
/** How long something is tried again that failed in a way that may pass, in ms. */
const PATIENCE_MS = 10_000;
const ATTEMPTS = 4;
const FIRST_WAIT_MS = 150;
/** Through these the server, or a proxy before it, says that it cannot now. */
const PASSING = new Set([429, 502, 503, 504]);

/**
 * Requests to a Sluice server. What may be asked twice is asked again where the answer was lost or the server is
 * busy; what changes something carries an `Idempotency-Key`, so that it is done once. Redirects are not followed:
 * a key goes to the server that was named, and is in no error.
 */
export class ServerConnection {
  /** For messages. */
  readonly name: string;
  readonly #place: ServerPlace;
  readonly #closed = new AbortController();
  #owner: Promise<string> | undefined;

  constructor(place: ServerPlace) {
    this.#place = place;
    this.name = `the server at ${place.base}`;
  }

  async get<T>(path: string, query: Query = {}, timeoutMs = READ_MS): Promise<T> {
    return this.#request({ method: "GET", path, query, timeoutMs }) as Promise<T>;
  }

  /** The same of what is no JSON, or is to be kept as it came. */
  async text(path: string, query: Query = {}): Promise<string> {
    return this.#request({ method: "GET", path, query, timeoutMs: READ_MS, asText: true }) as Promise<string>;
  }

  /** Asks for what is computed from what is there: it changes nothing, so anybody's key may do it in anybody's name. */
  async compute<T>(path: string, body: unknown, signal?: AbortSignal): Promise<T> {
    return this.#request({ method: "POST", path, body, signal, timeoutMs: COMPUTED_MS }) as Promise<T>;
  }

  /** The same of something that may not be there. */
  async find<T>(path: string, query: Query = {}): Promise<T | undefined> {
    try {
      return await this.get<T>(path, query);
    } catch (error) {
      if (error instanceof SluiceError && error.code === "not_found") return undefined;
      throw error;
    }
  }

  /** Changes something, once however often it has to be asked. */
  async change<T>(method: "POST" | "PUT" | "PATCH" | "DELETE", path: string, change: Change): Promise<T> {
    await this.#assertOwner();
    const headers = { "idempotency-key": randomUUID() };
    return this.#request({ timeoutMs: CHANGE_MS, ...change, method, path, headers }) as Promise<T>;
  }

  /** Opens a stream of events; what is refused is an error as that of any request. */
  async open(path: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
    const request = { method: "GET", path, headers: { accept: "text/event-stream" } };
    const response = await this.#send(request, AbortSignal.any([signal, this.#closed.signal]));
    if (response.ok && response.body) return response.body;
    throw await this.#refusal(response, request);
  }

  close(): void {
    this.#closed.abort();
  }

  get isClosed(): boolean {
    return this.#closed.signal.aborted;
  }

  /** Over a server whoever owns the key is who it was, by proof: nobody can do something in another's name. */
  async #assertOwner(): Promise<void> {
    const { actor } = this.#place;
    if (actor === undefined) return;
    this.#owner ??= this.get<{ owner: string }>("/v1/me")
      .then(({ owner }) => owner)
      .catch((error: unknown) => {
        this.#owner = undefined;
        throw error;
      });
    const owner = await this.#owner;
    if (owner !== actor)
      throw new SluiceError(
        "forbidden",
        `this was to be done as ${shown(actor)}, and the key is ${shown(owner)}'s: over a server it is done by the key's owner; use a key of ${shown(actor)}, or leave the name out (SLUICE_ACTOR)`,
        { actor, owner },
      );
  }

  async #request(request: TimedRequest): Promise<unknown> {
    const { timeoutMs, signal, once, asText } = request;
    const began = performance.now();
    for (let attempt = 1; ; attempt++) {
      const ends = [AbortSignal.timeout(timeoutMs), this.#closed.signal, ...(signal ? [signal] : [])];
      const last = attempt === ATTEMPTS || performance.now() - began > PATIENCE_MS;
      let wait = jittered(FIRST_WAIT_MS * 2 ** attempt, Math.random());
      try {
        const response = await this.#send(request, AbortSignal.any(ends));
        if (response.ok) return await (asText ? response.text() : this.#json(response));
        const afterMs = retryAfterMs(response.headers, Date.now()) ?? 0;
        const refusal = await this.#refusal(response, request);
        // Being carried out for an earlier attempt of ours: its answer is waited for.
        const isRunning = response.status === 409 && afterMs > 0 && performance.now() - began < timeoutMs;
        if (!isRunning && (last || !PASSING.has(response.status))) throw refusal;
        if (afterMs > PATIENCE_MS) throw refusal;
        wait = Math.max(wait, afterMs);
      } catch (error) {
        if (error instanceof SluiceError || signal?.aborted) throw error;
        // One that has had its whole time is not given as much again.
        if (once || last || (error as Error).name === "TimeoutError")
          throw this.#unreachable(error, timeoutMs);
      }
      await delay(wait, undefined, { signal: AbortSignal.any(ends.slice(1)) });
    }
  }

  #send({ method, path, query = {}, body, headers }: ServerRequest, signal: AbortSignal): Promise<Response> {
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(query))
      if (value !== undefined) search.set(name, String(value));
    const traceparent = activeTraceparent();
    return fetch(`${this.#place.base}${path}${search.size > 0 ? `?${search.toString()}` : ""}`, {
      method,
      headers: {
        authorization: `Bearer ${this.#place.key}`,
        ...(body !== undefined && { "content-type": "application/json" }),
        ...(traceparent !== undefined && { traceparent }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      redirect: "manual",
      signal,
    });
  }

  async #json(response: Response): Promise<unknown> {
    const text = await response.text();
    try {
      return JSON.parse(text);
    } catch {
      throw forGood(
        `${this.name} answered with something that is no JSON; check the address`,
        response.status,
      );
    }
  }

  async #refusal(response: Response, { method, path }: ServerRequest): Promise<SluiceError> {
    const { status } = response;
    if (status >= 300 && status < 400) {
      await response.body?.cancel();
      return forGood(
        `${this.name} redirects (${status}), and a key is not sent on; name the address that it redirects to`,
        status,
      );
    }
    const text = jsonWithoutSecrets(await response.text(), [this.#place.key]);
    let body: unknown;
    try {
      body = JSON.parse(text);
    } catch {
      body = undefined;
    }
    const request = `${method} ${path.split("/").slice(0, 3).join("/")}`;
    return serverError({ status, request, body, server: this.name, keyFrom: this.#place.keyFrom });
  }

  #unreachable(error: unknown, timeoutMs: number): SluiceError {
    if ((error as Error).name === "TimeoutError")
      return unavailable(
        `${this.name} did not answer within ${timeoutMs / 1_000} s; try again, or look at it`,
      );
    const { cause } = error as { cause?: { code?: unknown } };
    const why = typeof cause?.code === "string" ? cause.code : messageOf(cause ?? error);
    return unavailable(
      `${this.name} cannot be reached (${withoutSecrets(why, [this.#place.key])}); start it, or check its address`,
    );
  }
}

interface ServerRequest extends Partial<Pick<Change, "body" | "query">> {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
}

interface TimedRequest extends ServerRequest {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  readonly once?: true;
  readonly asText?: true;
}
