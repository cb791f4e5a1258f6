import type { ModelTarget } from "../domain/prompt/artifact.ts";
import { PROVIDERS, protocolOf, type Wording, WORDINGS } from "../domain/models/vendors.ts";
import { adaptRequest } from "./protocols/adapt-request.ts";
import { callFailure } from "./call-failure.ts";
import { cloudPrice } from "./cloud-price.ts";
import type { Breaker } from "./breaking/circuit-breaker.ts";
import type { CallTarget, Completion, CompletionCall, EmbeddingCall, Embeddings } from "./completion.ts";
import { callerOf, createLanes, inLane, type Lane, type LaneOptions } from "./endpoint-lanes.ts";
import { reachOf } from "./reach.ts";
import { failureKind } from "./failure-kinds.ts";
import { inSpan } from "../telemetry/spans.ts";
import { MODEL_ASKED } from "../telemetry/channels.ts";
import { openPayment, type Payment } from "./payment.ts";
import type { Price, PriceTable } from "./price.ts";
import { costOf, LIST_PRICES, priceOf } from "./prices.ts";
import { type Listening, type StreamedCompletion, streamOnce } from "./streaming/stream-once.ts";
import { DEFAULT_RETRY, type RetryPolicy, withRetries } from "./retry.ts";
import type { Usage } from "./usage.ts";

export interface ProvidersOptions extends LaneOptions {
  /** Calls in flight at once, per provider and endpoint. Default 8. */
  readonly concurrency?: number;
  /** Further attempts after a failure that may pass. Default 4. */
  readonly maxRetries?: number;
  readonly retry?: Partial<RetryPolicy>;
  readonly prices?: PriceTable;
  /** Shared knowledge of which endpoints are unreachable; without it every call finds out by itself. */
  readonly breaker?: Breaker;
}

/** Calls to language models, whoever serves them. */
export interface Providers {
  /** Throws a SluiceError (`details.kind` says why) once the retries are used up. */
  complete(call: CompletionCall): Promise<Completion>;
  /** The same in one attempt, its text told as it comes; an answer that breaks off or stands still is an error. */
  stream(call: CompletionCall, listening: Listening): Promise<StreamedCompletion>;
  /** Embeddings, of the protocols that have them. */
  embed(call: EmbeddingCall): Promise<Embeddings>;
  /**
   * Whether calls to a provider would arrive: it is asked, once, which models it has. Throws as calls do; an endpoint
   * that has no such list has answered, too.
   */
  reach(target: CallTarget, signal: AbortSignal): Promise<void>;
  priceOf(target: ModelTarget): Price | undefined;
  /** What is said to it: in whose words a request for it is written. */
  wordingOf(target: Pick<CallTarget, "provider">): Wording;
  /** The base URL that calls to this model go to. */
  endpointOf(target: Pick<CallTarget, "provider" | "endpoint">): string;
  /** Calls in flight at once, of the provider that takes most. */
  readonly concurrency: number;
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
  const laneOf = createLanes(options, usual);
  const endpointOf = (target: Pick<CallTarget, "provider" | "endpoint">) => reachOf(options, target).baseURL;

  const configuredOf = ({ provider }: Pick<CallTarget, "provider">) =>
    options.configured && Object.hasOwn(options.configured, provider)
      ? options.configured[provider]
      : undefined;
  const priceAt = (target: ModelTarget) => {
    const cloud = configuredOf(target)?.cloud;
    return priceOf(target, prices) ?? (cloud && cloudPrice(target, cloud, prices));
  };

  /** One attempt, told of; where the endpoint is known to be away none. */
  async function asked<T>(target: CallTarget, run: () => Promise<T>): Promise<T> {
    const { provider } = target;
    const began = performance.now();
    const tell = (result: string) => MODEL_ASKED.publish({ provider, result, ms: performance.now() - began });
    try {
      const answer = await inSpan(
        {
          name: `chat ${target.model}`,
          kind: "client",
          attributes: { "gen_ai.provider.name": provider, "gen_ai.request.model": target.model },
        },
        () => options.breaker?.guard(target, endpointOf(target), run) ?? run(),
      );
      tell("ok");
      return answer;
    } catch (error) {
      tell(failureKind(error) ?? "internal");
      throw error;
    }
  }

  /** One call with its retries, each attempt paid for; within the lane's limit. */
  function call<T extends { readonly usage: Usage }>(
    lane: Lane,
    paidFor: CompletionCall,
    attempt: (request: Payment["request"]) => Promise<T>,
  ) {
    const { target, signal, maxRetries } = paidFor;
    const price = priceAt(target);
    const policy = maxRetries === undefined ? retry : { ...retry, maxRetries };
    return inLane(lane, paidFor, async () => {
      let latencyMs = 0;
      const once = async () => {
        const paid = await openPayment(paidFor, price);
        const started = performance.now();
        try {
          const answer = await asked(target, () => attempt(paid.request));
          latencyMs = performance.now() - started;
          await paid.settle(answer.usage);
          return answer;
        } catch (error) {
          await paid.settleFailed(error);
          throw error;
        }
      };
      const { value, attempts } = await withRetries(once, policy, lane.pause, signal);
      return { value, attempts, latencyMs, costUsd: costOf(value.usage, price) };
    });
  }

  return {
    concurrency: Math.max(
      ...[...PROVIDERS.map((name) => options[name]), ...Object.values(options.configured ?? {})].map(
        (settings) => settings?.concurrency ?? usual,
      ),
    ),
    priceOf: priceAt,
    wordingOf(target) {
      const configured = configuredOf(target);
      return configured ? WORDINGS[configured.protocol] : protocolOf(target.provider);
    },
    endpointOf,
    async reach(target, signal) {
      const { list } = await callerOf(laneOf(target));
      await list({ target, signal }).catch((error: unknown) => {
        if (failureKind(error) !== "model") throw error;
      });
    },
    async complete(written) {
      const lane = laneOf(written.target);
      const { configured } = lane.reach;
      const adapted = configured
        ? { ...written, request: adaptRequest(written.request, configured) }
        : written;
      const { complete } = await callerOf(lane);
      const { value, ...facts } = await call(lane, adapted, (request) => complete({ ...adapted, request }));
      return { ...value, ...facts };
    },
    async stream(written, listening) {
      const lane = laneOf(written.target);
      const { configured } = lane.reach;
      const call = configured ? { ...written, request: adaptRequest(written.request, configured) } : written;
      const price = priceAt(call.target);
      const { stream } = await callerOf(lane);
      const guard = <T>(run: () => Promise<T>) => asked(call.target, run);
      return inLane(lane, call, () =>
        streamOnce({ call, price, stream, guard, secrets: lane.settings.secrets }, listening),
      );
    },
    async embed(wanted) {
      const { target } = wanted;
      const lane = laneOf(target);
      const { embed } = await callerOf(lane);
      if (!embed)
        throw callFailure(
          "request",
          { target, endpoint: target.provider },
          "this provider has no embeddings",
        );
      const request = { input: wanted.input };
      const { value, costUsd } = await call(lane, { ...wanted, request }, () => embed(wanted));
      return { ...value, costUsd };
    },
  };
}
