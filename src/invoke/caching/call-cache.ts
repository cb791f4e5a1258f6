import { parseJsonText } from "../../domain/json/json-text.ts";
import type { Call, Answered } from "../call.ts";
import type { Asked } from "./cache-key.ts";
import { cacheKey } from "./cache-key.ts";
import type { CacheRule, Caching } from "./cache-rules.ts";
import type { CachedAnswer } from "./response-cache.ts";

/** How long a call waits for a store, in milliseconds. */
const PATIENCE_MS = 100;

/** What may be given again to one call, and kept of it. */
export class CallCache {
  readonly #caching: Caching;
  readonly #rule: Required<CacheRule>;
  readonly #key: string;
  readonly #asked: Asked;
  #found: CachedAnswer | undefined;

  /** Undefined where nothing is cached for this call. */
  static of(caching: Caching | undefined, asked: Asked): CallCache | undefined {
    const rule = caching?.rules.get(asked.resolved.prompt);
    if (!caching || !rule || asked.request.cache === false) return undefined;
    const key = cacheKey(asked, rule);
    return key === undefined ? undefined : new CallCache(caching, rule, key, asked);
  }

  private constructor(caching: Caching, rule: Required<CacheRule>, key: string, asked: Asked) {
    this.#caching = caching;
    this.#rule = rule;
    this.#key = key;
    this.#asked = asked;
  }

  /** The answer that is given in place of a call. */
  async fresh(): Promise<Answered | undefined> {
    this.#found = await patiently(() => this.#caching.store.get(this.#key));
    return this.#found && Date.now() < this.#found.freshUntil ? this.#answered(this.#found) : undefined;
  }

  /** The answer that is given where no model has one. */
  stale(): Answered | undefined {
    return this.#found && Date.now() < this.#found.keepUntil ? this.#answered(this.#found) : undefined;
  }

  /** Keeps a whole answer of the version's own model, that nobody had to ask for twice. */
  keep({ account, at }: Call, { completion, target }: Answered): void {
    const { text, toolCalls, finishReason, refused, responseModel = null } = completion;
    const isWhole = finishReason === "stop" && !refused && toolCalls.length === 0 && text !== "";
    if (!isWhole || at > 0 || target !== this.#asked.target || account.repaired === "asked") return;
    const { ttlMs, staleIfErrorMs } = this.#rule;
    const { prompt, subject } = this.#asked.resolved;
    const { versionId, tenant } = subject!;
    const freshUntil = Date.now() + ttlMs;
    const keepUntil = freshUntil + staleIfErrorMs;
    const answer = { text, responseModel, freshUntil, keepUntil, prompt, versionId, tenant };
    void patiently(() => this.#caching.store.set(this.#key, answer));
  }

  #answered({ text, responseModel }: CachedAnswer): Answered {
    const { target } = this.#asked;
    return {
      target,
      completion: {
        text,
        toolCalls: [],
        finishReason: "stop",
        refused: false,
        usage: { inputTokens: 0, outputTokens: 0 },
        ...(responseModel !== null && { responseModel }),
        latencyMs: 0,
        costUsd: 0,
      },
      output: target.artifact.output_schema ? parseJsonText(text)?.value : undefined,
    };
  }
}

/** Whatever a store does, a call goes on. */
async function patiently<T>(work: () => T | Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  try {
    const working = work();
    if (!(working instanceof Promise)) return working;
    const late = new Promise<undefined>((resolve) => (timer = setTimeout(resolve, PATIENCE_MS, undefined)));
    working.catch(() => undefined);
    return await Promise.race([working, late]);
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}
