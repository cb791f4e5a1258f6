/** Sluice for services: live prompts from memory. Loads neither Temporal nor, until it is asked for, a database driver. */
export { createResolver } from "./create-resolver.ts";
export type { Resolver } from "./resolver.ts";
export type * from "./options.ts";
export type { Reason, ResolutionSource } from "./serving/reason.ts";
export type {
  ResolvedPrompt,
  Rendered,
  RenderRequest,
  Resolution,
  Variables,
} from "./serving/resolved-prompt.ts";
export type { FitOptions, TokenOptions } from "./serving/token-counter.ts";
export type { Outcome } from "./recording/outcome.ts";
export type { Meter } from "./observing/open-telemetry.ts";
export type { ResolverMetrics } from "./observing/resolver-metrics.ts";
export { pinActivities, type PinActivities, type Pinning } from "./recording/pin-activities.ts";
export { MemorySource, type PointerSettings } from "./sources/memory.ts";
export { BatchRefused } from "./sources/source.ts";
export type * from "./sources/source.ts";
export { ReportRefused } from "./sources/serving-report.ts";
export type * from "./sources/serving-report.ts";
export { SluiceError, type ErrorCode } from "../domain/errors.ts";
export type * from "../domain/prompt/artifact.ts";
export type { Arm } from "../domain/rollout/assignment.ts";
export type { Scope } from "../domain/scope.ts";
