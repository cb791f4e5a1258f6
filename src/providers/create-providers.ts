import pLimit from "p-limit";
import type { ModelTarget, Provider } from "../domain/prompt/artifact.ts";
import { callFailure } from "./call-failure.ts";
import type { Breaker } from "./circuit-breaker.ts";
import type {
  Caller,
  CallTarget,
  Completion,
  CompletionCall,
  EmbeddingCall,
  Embeddings,
} from "./completion.ts";
import type { EndpointSettings, OpenAICaller } from "./openai.ts";
import { openPayment } from "./payment.ts";
import { costOf, LIST_PRICES, type Price, priceOf, type PriceTable } from "./prices.ts";
import { DEFAULT_RETRY, type Pause, type RetryPolicy, withRetries } from "./retry.ts";

export interface ProviderSettings {
  readonly apiKey?: string | undefined;
  /** As the vendor's SDK takes it: with `/v1` for OpenAI, without for Anthropic. */
  readonly baseURL?: string | undefined;
  /** Calls in flight at once, in place of the one for all providers. */
  readonly concurrency?: number | undefined;
}

export interface ProvidersOptions {
  readonly openai?: ProviderSettings;
  readonly anthropic?: ProviderSettings;
  /** Calls in flight at once, per provider and endpoint. Default 8. */
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
  /** The base URL that calls to this model go to. */
  endpointOf(target: Pick<CallTarget, "provider" | "endpoint">): string;
  /** Calls in flight at once, of the provider that takes most. */
  readonly concurrency: number;
}

/** Where the vendors serve their models. */
export const VENDOR_URLS: Readonly<Record<Provider, string>> = {
  openai: "https://api.openai.com/v1",
  anthropic: "https://api.anthropic.com",
};

/** What all calls to one endpoint with one key share: its limits, and the SDK's client once it is loaded. */
interface Lane {
  readonly limit: ReturnType<typeof pLimit>;
  readonly pause: Pause;
  readonly settings: EndpointSettings;
  openai?: Promise<OpenAICaller>;
  anthropic?: Promise<Caller>;
}

/** Nothing is loaded or connected before the first call to a provider. */
export function createProviders(options: ProvidersOptions = {}): Providers {
  const concurrencyOf = (provider: Provider) => options[provider]?.concurrency ?? options.concurrency ?? 8;
  const retry: RetryPolicy = {
    ...DEFAULT_RETRY,
    ...(options.maxRetries !== undefined && { maxRetries: options.maxRetries }),
    ...options.retry,
  };
  const prices = options.prices ?? LIST_PRICES;
  const lanes = new Map<string, Lane>();

  function endpointOf({ provider, endpoint }: Pick<CallTarget, "provider" | "endpoint">): string {
    return endpoint?.baseURL ?? (options[provider]?.baseURL || VENDOR_URLS[provider]);
  }
  function settingsFor(target: CallTarget): EndpointSettings {
    const { apiKey, baseURL } = target.endpoint ?? options[target.provider] ?? {};
    const endpoint = endpointOf(target);
    // An endpoint of one's own may need no key; the vendor's does.
    if (!apiKey && !baseURL) throw callFailure("no_key", { target, endpoint }, "there is no API key");
    // Neither reaches the vendor's client as it should, and both would be repeated by messages.
    if (/\/\/[^/]*@|[?#]/.test(endpoint))
      throw callFailure(
        "address",
        { target, endpoint: "" },
        "the endpoint's address carries a user name, a password or parameters (?…)",
      );
    return {
      apiKey: apiKey ?? "",
      baseURL: endpoint,
      isForeign: target.endpoint !== undefined,
      secrets: [apiKey, options.openai?.apiKey, options.anthropic?.apiKey].filter((key) => key !== undefined),
      timeoutMs: options.timeoutMs ?? 120_000,
    };
  }
  function laneOf(target: CallTarget): Lane {
    const settings = settingsFor(target);
    const key = JSON.stringify([target.provider, settings.baseURL, settings.isForeign, settings.apiKey]);
    const known = lanes.get(key);
    if (known) return known;
    const lane = { limit: pLimit(concurrencyOf(target.provider)), pause: { untilMs: 0 }, settings };
    lanes.set(key, lane);
    return lane;
  }
  function guarded<T>(target: CallTarget, attempt: () => Promise<T>): Promise<T> {
    return options.breaker ? options.breaker.guard(target, endpointOf(target), attempt) : attempt();
  }
  async function loadOpenAI(lane: Lane): Promise<OpenAICaller> {
    lane.openai ??= import("./openai.ts").then((module) => module.openaiCaller(lane.settings));
    return lane.openai;
  }
  async function loadAnthropic(lane: Lane): Promise<Caller> {
    lane.anthropic ??= import("./anthropic.ts").then((module) => module.anthropicCaller(lane.settings));
    return lane.anthropic;
  }

  return {
    concurrency: Math.max(concurrencyOf("openai"), concurrencyOf("anthropic")),
    priceOf: (target) => priceOf(target, prices),
    endpointOf,
    async complete(call) {
      const { target, signal } = call;
      const lane = laneOf(target);
      const caller =
        target.provider === "openai" ? (await loadOpenAI(lane)).complete : await loadAnthropic(lane);
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
      const lane = laneOf(target);
      const { embed } = await loadOpenAI(lane);
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
