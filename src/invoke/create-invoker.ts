import type { CircuitExchange } from "../domain/models/circuits.ts";
import { invalidInput } from "../domain/errors.ts";
import type { Budget } from "../providers/budget.ts";
import { EndpointBreaker } from "../providers/breaking/endpoint-breaker.ts";
import { createProviders } from "../providers/create-providers.ts";
import type { PriceTable } from "../providers/price.ts";
import { LIST_PRICES } from "../providers/prices.ts";
import type { ProviderTable } from "../providers/reach.ts";
import { globalTracer, type Tracer } from "../resolver/observing/open-telemetry.ts";
import type { Resolver } from "../resolver/resolver.ts";
import { type CacheOptions, readCaching } from "./caching/cache-rules.ts";
import { type CallLimits, LONGEST_MS } from "./call-limits.ts";
import type { Invoker } from "./invoker.ts";
import { LiveInvoker } from "./live-invoker.ts";
import { SpentBudgets } from "./spent-budgets.ts";

export interface InvokerOptions {
  /** Made by `createResolver`. It is not closed with the invoker. */
  readonly resolver: Resolver;
  /** Keys and addresses of the vendors, and providers of your own. Nothing is read from the environment. */
  readonly providers: ProviderTable;
  /** What all calls of this invoker are paid from; a model without a known price is then an error. */
  readonly budget?: Budget;
  readonly limits?: Partial<CallLimits>;
  /** Beside the list prices, and in their place: US dollars per million tokens, by `provider/model`. */
  readonly prices?: PriceTable;
  /**
   * What holds calls back from endpoints that fail again and again. `shared` (default): as all processes on the
   * resolver's source have found them; `local`: as this one has; false: nothing.
   */
  readonly breaker?: "shared" | "local" | false;
  /** Answers that are given again. Default: none are. */
  readonly cache?: CacheOptions | false;
  /** Where spans go. Default: the service's own OpenTelemetry, if it has one. */
  readonly tracer?: Tracer | false;
  /** Calls in flight at once, per provider and endpoint. Default 256. */
  readonly concurrency?: number;
}

/** What calls models by the prompts that are live. Nothing is connected before the first call. */
export function createInvoker(options: InvokerOptions): Invoker {
  const { resolver, providers, budget, limits, prices, concurrency = 256 } = options ?? {};
  if (typeof resolver?.resolve !== "function")
    throw invalidInput("createInvoker needs a resolver: make one with createResolver of sluice/resolver");
  if (typeof providers !== "object" || providers === null)
    throw invalidInput(
      "createInvoker needs providers: { openai: { apiKey } }, for each vendor that is called",
    );
  const breaker = breakerOf(options);
  const budgets = new SpentBudgets(() => resolver.readSpentBudgets());
  return new LiveInvoker(
    {
      resolver,
      breaker,
      tracer: options.tracer === false ? undefined : (options.tracer ?? globalTracer()),
      // One attempt at a time: when another one is made is the invocation's to say, and so is how long it may take.
      providers: createProviders({
        ...providers,
        concurrency,
        maxRetries: 0,
        timeoutMs: LONGEST_MS + 60_000,
        prices: { ...LIST_PRICES, ...prices },
        ...(breaker && { breaker }),
      }),
      budget,
      budgets,
      ...(options.cache && { caching: readCaching(options.cache) }),
      records: true,
    },
    limits,
  );
}

function breakerOf({ breaker = "shared", resolver }: InvokerOptions): EndpointBreaker | undefined {
  if (breaker === false) return undefined;
  if (breaker !== "shared" && breaker !== "local")
    throw invalidInput('createInvoker({ breaker }): use "shared", "local" or false');
  const exchange =
    breaker === "local" ? undefined : (told: CircuitExchange) => resolver.exchangeCircuits(told);
  return new EndpointBreaker({}, undefined, exchange);
}
