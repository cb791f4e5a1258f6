import pLimit from "p-limit";
import type { ModelTarget, Provider } from "../domain/artifact.ts";
import { callFailure } from "./call-failure.ts";
import type { Breaker } from "./circuit-breaker.ts";
import type { Caller, Completion, CompletionCall, EmbeddingCall, Embeddings } from "./completion.ts";
import type { OpenAICaller } from "./openai.ts";
import { openPayment } from "./payment.ts";
import { costOf, LIST_PRICES, type Price, priceOf, type PriceTable } from "./prices.ts";
import { DEFAULT_RETRY, type Pause, type RetryPolicy, withRetries } from "./retry.ts";

export interface ProviderSettings {
  readonly apiKey?: string | undefined;
  /** As the vendor's SDK takes it: with `/v1` for OpenAI, without for Anthropic. */
  readonly baseURL?: string | undefined;
}

export interface ProvidersOptions {
  readonly openai?: ProviderSettings;
  readonly anthropic?: ProviderSettings;
  /** Calls in flight at once, per provider. Default 8. */
  readonly concurrency?: number;
  /** Of one attempt, body included, in milliseconds. Default 120,000. */
  readonly timeoutMs?: number;
  /** Further attempts after a failure that may pass. Default 4. */
  readonly maxRetries?: number;
  readonly retry?: Partial<RetryPolicy>;
  readonly prices?: PriceTable;
  /** Shared knowledge of which endpoints are away; without it every call finds out by itself. */
  readonly breaker?: Breaker;
}

/** Calls to language models, whoever serves them. */
export interface Providers {
  /** Throws a SluiceError (`details.kind` says why) once the retries are used up. */
  complete(call: CompletionCall): Promise<Completion>;
  /** Embeddings, openai only. */
  embed(call: EmbeddingCall): Promise<Embeddings>;
  priceOf(target: ModelTarget): Price | undefined;
  /** The base URL that calls to this provider go to. */
  endpointOf(target: Pick<ModelTarget, "provider">): string;
  /** Calls in flight at once, per provider. */
  readonly concurrency: number;
}

const DEFAULT_URLS: Readonly<Record<Provider, string>> = {
  openai: "https://api.openai.com/v1",
  anthropic: "https://api.anthropic.com",
};

interface Lane {
  readonly limit: ReturnType<typeof pLimit>;
  readonly pause: Pause;
}

/** Nothing is loaded or connected before the first call to a provider. */
export function createProviders(options: ProvidersOptions = {}): Providers {
  const concurrency = options.concurrency ?? 8;
  const retry: RetryPolicy = {
    ...DEFAULT_RETRY,
    ...(options.maxRetries !== undefined && { maxRetries: options.maxRetries }),
    ...options.retry,
  };
  const prices = options.prices ?? LIST_PRICES;
  const newLane = (): Lane => ({ limit: pLimit(concurrency), pause: { untilMs: 0 } });
  const lanes: Readonly<Record<Provider, Lane>> = { openai: newLane(), anthropic: newLane() };
  let openai: Promise<OpenAICaller> | undefined;
  let anthropic: Promise<Caller> | undefined;

  function endpointOf({ provider }: Pick<ModelTarget, "provider">): string {
    return options[provider]?.baseURL || DEFAULT_URLS[provider];
  }
  function settingsFor(target: ModelTarget) {
    const { apiKey, baseURL } = options[target.provider] ?? {};
    const endpoint = endpointOf(target);
    // An endpoint of one's own may need no key; the vendor's does.
    if (!apiKey && !baseURL) throw callFailure("no_key", { target, endpoint }, "there is no API key");
    if (/\/\/[^/]*@/.test(endpoint))
      throw callFailure(
        "address",
        { target, endpoint: "" },
        "the endpoint's address carries a user name or password",
      );
    return { apiKey: apiKey || "none", baseURL: endpoint, timeoutMs: options.timeoutMs ?? 120_000 };
  }
  function guarded<T>(target: ModelTarget, attempt: () => Promise<T>): Promise<T> {
    return options.breaker ? options.breaker.guard(target, settingsFor(target).baseURL, attempt) : attempt();
  }
  async function loadOpenAI(target: ModelTarget): Promise<OpenAICaller> {
    const settings = settingsFor(target);
    openai ??= import("./openai.ts").then((module) => module.openaiCaller(settings));
    return openai;
  }
  async function loadAnthropic(target: ModelTarget): Promise<Caller> {
    const settings = settingsFor(target);
    anthropic ??= import("./anthropic.ts").then((module) => module.anthropicCaller(settings));
    return anthropic;
  }

  return {
    concurrency,
    priceOf: (target) => priceOf(target, prices),
    endpointOf,
    async complete(call) {
      const { target, signal } = call;
      const caller =
        target.provider === "openai" ? (await loadOpenAI(target)).complete : await loadAnthropic(target);
      const lane = lanes[target.provider];
      return lane.limit(async () => {
        let latencyMs = 0;
        const { value, attempts } = await withRetries(
          async () => {
            const paid = await openPayment(call, priceOf(target, prices));
            const started = performance.now();
            try {
              const answer = await guarded(target, () => caller({ ...call, request: paid.request }));
              latencyMs = performance.now() - started;
              await paid.settle(answer.usage);
              return answer;
            } catch (error) {
              await paid.settleFailed(error);
              throw error;
            }
          },
          retry,
          lane.pause,
          signal,
        );
        return { ...value, latencyMs, attempts, costUsd: costOf(value.usage, priceOf(target, prices)) };
      });
    },
    async embed(call) {
      const { target, signal } = call;
      if (target.provider !== "openai")
        throw callFailure("request", { target, endpoint: target.provider }, "only openai has embeddings");
      const { embed } = await loadOpenAI(target);
      const lane = lanes.openai;
      return lane.limit(async () => {
        const { value } = await withRetries(
          async () => {
            const paid = await openPayment(
              { ...call, request: { input: call.input } },
              priceOf(target, prices),
            );
            try {
              const answer = await guarded(target, () => embed(call));
              await paid.settle(answer.usage);
              return answer;
            } catch (error) {
              await paid.settleFailed(error);
              throw error;
            }
          },
          retry,
          lane.pause,
          signal,
        );
        return { ...value, costUsd: costOf(value.usage, priceOf(target, prices)) };
      });
    },
  };
}
