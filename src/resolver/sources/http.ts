import type { CircuitAnswer, CircuitExchange } from "../../domain/models/circuits.ts";
import type { SpentBudget } from "../../domain/monitors/spent-budget.ts";
import { jittered } from "../../domain/jitter.ts";
import { withoutSecrets } from "../../domain/echoed-secret.ts";
import { invalidInput } from "../../domain/errors.ts";
import { readServerAddress, type ServerAddress } from "../../domain/addresses/server-address.ts";
import { retryAfterMs } from "../../domain/retry-after.ts";
import { readEvents } from "./event-stream.ts";
import { scopeInHint } from "./pointer-hint.ts";
import { ReportRefused } from "./serving-report.ts";
import {
  BatchRefused,
  type RecordReceipt,
  RetryLater,
  type Source,
  type SourceAnswer,
  type SourceListener,
  type SourceQuery,
  type SourceVersion,
  type VersionQuery,
} from "./source.ts";

const READ_TIMEOUT_MS = 4_000;
const RECORD_TIMEOUT_MS = 15_000;
/** A server sends something, if only a comment, every 10 s; one that is silent for longer is gone. */
const SILENCE_MS = 25_000;
const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 5_000;

/**
 * Reads from a Sluice server: pointers and versions by request, moves by server-sent events. The protocol
 * is in docs/reference/resolver-protocol.md. A key in the address (`https://KEY@host`) is sent as a bearer
 * token, never as part of a URL.
 */
export class HttpSource implements Source {
  readonly name: string;
  readonly #base: string;
  readonly #headers: Record<string, string>;
  readonly #secrets: readonly string[];
  #stopped = new AbortController();

  /** An address that cannot be one is `invalid_input`. */
  constructor(url: string) {
    const { base, key } = parse(url);
    this.#base = base;
    this.name = `the server at ${base}`;
    this.#secrets = [key];
    this.#headers = key === "" ? {} : { authorization: `Bearer ${key}` };
  }

  watch(listener: SourceListener): void {
    void this.#follow(listener);
  }

  async read({ scopes, have }: SourceQuery): Promise<SourceAnswer> {
    const answer = (await this.#post("/v1/resolver/pointers", { scopes, have })) as Partial<SourceAnswer>;
    if (!Array.isArray(answer?.pointers) || !Array.isArray(answer.versions))
      throw new Error(`${this.name} answered with something else than pointers and versions`);
    return answer as SourceAnswer;
  }

  async readVersion(which: VersionQuery): Promise<SourceVersion | undefined> {
    const path =
      "id" in which
        ? `id=${encodeURIComponent(which.id)}`
        : `prompt=${encodeURIComponent(which.prompt)}&number=${which.number}`;
    const response = await this.#fetch(`/v1/resolver/version?${path}`, {}, READ_TIMEOUT_MS);
    if (response.status === 404) {
      await response.body?.cancel();
      return undefined;
    }
    return (await this.#json(response)) as SourceVersion;
  }

  async record(batch: string): Promise<RecordReceipt> {
    const body = { method: "POST", body: batch, headers: { "content-type": "application/json" } };
    const response = await this.#fetch("/v1/outcomes", body, RECORD_TIMEOUT_MS);
    // Too big or not to be understood: the same again is so too.
    if (response.status === 400 || response.status === 413 || response.status === 422)
      throw new BatchRefused(await this.#words(response));
    const afterMs = retryAfterMs(response.headers, Date.now());
    if ((response.status === 429 || response.status === 503) && afterMs !== undefined)
      throw new RetryLater(`${this.name} answered ${await this.#words(response)}`, afterMs);
    return (await this.#json(response)) as RecordReceipt;
  }

  async reportServing(report: string): Promise<boolean> {
    const body = { method: "POST", body: report, headers: { "content-type": "application/json" } };
    const response = await this.#fetch("/v1/resolver/serving", body, READ_TIMEOUT_MS);
    // Not let, or a server that keeps no fleet.
    if ([400, 401, 403, 404, 422, 501].includes(response.status))
      throw new ReportRefused(await this.#words(response));
    return ((await this.#json(response)) as { known?: unknown }).known === true;
  }

  async exchangeCircuits(exchange: CircuitExchange): Promise<CircuitAnswer | undefined> {
    const body = JSON.stringify(exchange);
    const init = { method: "POST", body, headers: { "content-type": "application/json" } };
    const response = await this.#fetch("/v1/resolver/circuits", init, READ_TIMEOUT_MS);
    // Not let, or a server that knows nothing of it.
    if ([400, 401, 403, 404, 422, 501].includes(response.status)) {
      await response.body?.cancel();
      return undefined;
    }
    return (await this.#json(response)) as CircuitAnswer;
  }

  async readSpentBudgets(): Promise<readonly SpentBudget[] | undefined> {
    const response = await this.#fetch("/v1/resolver/spent-budgets", {}, READ_TIMEOUT_MS);
    // Not let, or a server that knows nothing of it.
    if ([400, 401, 403, 404, 422, 501].includes(response.status)) {
      await response.body?.cancel();
      return undefined;
    }
    return ((await this.#json(response)) as { readonly spent: readonly SpentBudget[] }).spent;
  }

  async reportCallers(report: string): Promise<boolean | undefined> {
    const init = { method: "POST", body: report, headers: { "content-type": "application/json" } };
    const response = await this.#fetch("/v1/resolver/callers", init, READ_TIMEOUT_MS);
    if ([400, 401, 403, 404, 413, 422, 501].includes(response.status)) {
      await response.body?.cancel();
      return undefined;
    }
    return ((await this.#json(response)) as { taken?: unknown }).taken === true;
  }

  async close(): Promise<void> {
    this.#stopped.abort();
  }

  #post(path: string, body: unknown): Promise<unknown> {
    return this.#fetch(
      path,
      { method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json" } },
      READ_TIMEOUT_MS,
    ).then((response) => this.#json(response));
  }

  #fetch(path: string, init: RequestInit, timeoutMs: number): Promise<Response> {
    return fetch(`${this.#base}${path}`, {
      ...init,
      headers: { ...this.#headers, ...(init.headers as Record<string, string>) },
      // While it closes, what was recorded is still sent; then only the stream is stopped.
      signal: AbortSignal.timeout(timeoutMs),
      redirect: "error",
    });
  }

  /** What a server that refuses has to say, which may be the request, key and all. */
  async #words(response: Response): Promise<string> {
    const text = withoutSecrets(await response.text(), this.#secrets);
    return `${response.status}: ${text.slice(0, 200).replaceAll(/\s+/g, " ")}`;
  }

  async #json(response: Response): Promise<unknown> {
    if (!response.ok) throw new Error(`${this.name} answered ${await this.#words(response)}`);
    return response.json();
  }

  /** Follows the stream of moves for as long as the source is open. */
  async #follow(listener: SourceListener): Promise<void> {
    const { signal } = this.#stopped;
    let retryMs = FIRST_RETRY_MS;
    while (!signal.aborted) {
      const silence = new AbortController();
      let timer = setTimeout(() => silence.abort(), SILENCE_MS);
      try {
        const response = await fetch(`${this.#base}/v1/stream`, {
          headers: { ...this.#headers, accept: "text/event-stream" },
          signal: AbortSignal.any([signal, silence.signal]),
          redirect: "error",
        });
        if (!response.ok || !response.body) await this.#json(response);
        listener.connected();
        retryMs = FIRST_RETRY_MS;
        const heard = heartbeats(response.body!, () => {
          clearTimeout(timer);
          timer = setTimeout(() => silence.abort(), SILENCE_MS);
        });
        for await (const { event, data } of readEvents(heard))
          if (event === "pointer") listener.moved(scopeInHint(data));
      } catch (error) {
        if (!signal.aborted) listener.disconnected(error);
      } finally {
        clearTimeout(timer);
      }
      await pause(jittered(retryMs, Math.random()), signal);
      retryMs = Math.min(LAST_RETRY_MS, retryMs * 2);
    }
  }
}

async function* heartbeats(body: AsyncIterable<Uint8Array>, onChunk: () => void): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    onChunk();
    yield chunk;
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    }
    signal.addEventListener("abort", done);
    if (signal.aborted) done();
  });
}

function parse(url: string): ServerAddress {
  const address = readServerAddress(url);
  if (address) return address;
  throw invalidInput("the source is not a valid address; write https://KEY@host of a Sluice server");
}
