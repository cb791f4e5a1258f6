import pLimit from "p-limit";
import type { ModelTarget } from "../domain/prompt/artifact.ts";
import { PROVIDERS } from "../domain/vendors.ts";
import { adaptRequest } from "./adapt-request.ts";
import { callFailure } from "./call-failure.ts";
import type { Breaker } from "./circuit-breaker.ts";
import type { CallTarget, Completion, CompletionCall, EmbeddingCall, Embeddings } from "./completion.ts";
import type { EndpointSettings, ProtocolCaller } from "./protocol-caller.ts";
import { CALLERS } from "./protocol-callers.ts";
import { type ProviderTable, type Reach, reachOf } from "./reach.ts";
import { openPayment } from "./payment.ts";
import { costOf, LIST_PRICES, type Price, priceOf, type PriceTable } from "./prices.ts";
import type { ProxySettings } from "./proxy-settings.ts";
import { DEFAULT_RETRY, type Pause, type RetryPolicy, withRetries } from "./retry.ts";

export interface ProvidersOptions extends ProviderTable {
  /** Calls in flight at once, per provider and endpoint. Default 8. */
  readonly concurrency?: number;
  /** Of one attempt, body included, in milliseconds. Default 120,000. */
  readonly timeoutMs?: number;
  /** Further attempts after a failure that may pass. Default 4. */
  readonly maxRetries?: number;
  readonly retry?: Partial<RetryPolicy>;
  readonly prices?: PriceTable;
  /** Through which connections leave; directly without. */
  readonly proxy?: ProxySettings | undefined;
  /** Shared knowledge of which endpoints are unreachable; without it every call finds out by itself. */
  readonly breaker?: Breaker;
}

/** Calls to language models, whoever serves them. */
export interface Providers {
  /** Throws a SluiceError (`details.kind` says why) once the retries are used up. */
  complete(call: CompletionCall): Promise<Completion>;
  /** Embeddings, of the protocols that have them. */
  embed(call: EmbeddingCall): Promise<Embeddings>;
  priceOf(target: ModelTarget): Price | undefined;
  /** The base URL that calls to this model go to. */
  endpointOf(target: Pick<CallTarget, "provider" | "endpoint">): string;
  /** Calls in flight at once, of the provider that takes most. */
  readonly concurrency: number;
}

/** What all calls to one endpoint with one key share: its limits, and the SDK's client once it is loaded. */
interface Lane {
  readonly limit: ReturnType<typeof pLimit>;
  readonly pause: Pause;
  readonly reach: Reach;
  readonly settings: EndpointSettings;
  caller?: Promise<ProtocolCaller>;
}

/** Nothing is loaded or connected before the first call to a provider. */
export function createProviders(options: ProvidersOptions = {}): Providers {
  const usual = options.concurrency ?? 8;
  const retry: RetryPolicy = {
    ...DEFAULT_RETRY,
    ...(options.maxRetries !== undefined && { maxRetries: options.maxRetries }),
    ...options.retry,
  };
  const prices = options.prices ?? LIST_PRICES;
  const lanes = new Map<string, Lane>();

  const secrets = [...PROVIDERS.map((name) => options[name]), ...Object.values(options.configured ?? {})]
    .map((settings) => settings?.apiKey)
    .filter((key) => key !== undefined);

  const endpointOf = (target: Pick<CallTarget, "provider" | "endpoint">) => reachOf(options, target).baseURL;

  function settingsFor(
    target: CallTarget,
    { baseURL: endpoint, settings, configured }: Reach,
  ): EndpointSettings {
    const { apiKey, baseURL } = target.endpoint ?? settings;
    // An endpoint of one's own may need no key; the vendor's does, and so does one whose key has a variable.
    if (!apiKey && (!baseURL || (configured?.keyVariable !== undefined && !target.endpoint)))
      throw callFailure("no_key", { target, endpoint, configured }, "there is no API key");
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
      secrets: apiKey === undefined ? secrets : [apiKey, ...secrets],
      timeoutMs: options.timeoutMs ?? 120_000,
      ...(options.proxy && { proxy: options.proxy }),
    };
  }
  function laneOf(target: CallTarget): Lane {
    const reach = reachOf(options, target);
    const settings = settingsFor(target, reach);
    const key = JSON.stringify([target.provider, settings.baseURL, settings.isForeign, settings.apiKey]);
    const known = lanes.get(key);
    if (known) return known;
    const limit = pLimit(reach.settings.concurrency ?? usual);
    const lane = { limit, pause: { untilMs: 0 }, reach, settings };
    lanes.set(key, lane);
    return lane;
  }
  function guarded<T>(target: CallTarget, attempt: () => Promise<T>): Promise<T> {
    return options.breaker ? options.breaker.guard(target, endpointOf(target), attempt) : attempt();
  }
  function callerOf(lane: Lane): Promise<ProtocolCaller> {
    return (lane.caller ??= CALLERS[lane.reach.protocol](lane.settings));
  }

  return {
    concurrency: Math.max(
      ...[...PROVIDERS.map((name) => options[name]), ...Object.values(options.configured ?? {})].map(
        (settings) => settings?.concurrency ?? usual,
      ),
    ),
    priceOf: (target) => priceOf(target, prices),
    endpointOf,
    async complete(written) {
      const { target, signal } = written;
      const lane = laneOf(target);
      const { configured } = lane.reach;
      const call = configured ? { ...written, request: adaptRequest(written.request, configured) } : written;
      const { complete } = await callerOf(lane);
      return lane.limit(async () => {
        let latencyMs = 0;
        const { value, attempts } = await withRetries(
          async () => {
            const paid = await openPayment(call, priceOf(target, prices));
            const started = performance.now();
            try {
              const answer = await guarded(target, () => complete({ ...call, request: paid.request }));
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
      const lane = laneOf(target);
      const { embed } = await callerOf(lane);
      if (!embed)
        throw callFailure(
          "request",
          { target, endpoint: target.provider },
          "this provider has no embeddings",
        );
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
