/** Sluice for services that call models: from the name of a prompt to a recorded answer. Loads no Temporal and no server. */
export { createInvoker, type InvokerOptions } from "./create-invoker.ts";
export type { Invoker } from "./invoker.ts";
export type { CallLimits } from "./call-limits.ts";
export type * from "./invoke-request.ts";
export type * from "./invocation.ts";
export type { InvokeFailureKind } from "./failure.ts";
export { InvokeError } from "./invoke-error.ts";
export type { CacheOptions, CacheRule } from "./caching/cache-rules.ts";
export {
  memoryCache,
  type CachedAnswer,
  type MemoryCache,
  type Purge,
  type ResponseCache,
} from "./caching/response-cache.ts";
export { memoryBudget, type Budget } from "../providers/budget.ts";
export type { BreakerHealth } from "../providers/breaking/endpoint-breaker.ts";
export type { Tracer } from "../resolver/observing/open-telemetry.ts";
export type { PriceTable } from "../providers/price.ts";
export type { ProviderTable } from "../providers/reach.ts";
export { SluiceError, type ErrorCode } from "../domain/errors.ts";
