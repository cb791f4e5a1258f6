/** Sluice for services: live prompts from memory. Loads neither Temporal nor, until it is asked for, a database driver. */
export { createResolver } from "./create-resolver.ts";
export type { Resolver } from "./resolver.ts";
export type * from "./options.ts";
export type { Reason, ResolutionSource } from "./reason.ts";
export type { ResolvedPrompt, Rendered, RenderRequest, Resolution, Variables } from "./resolved-prompt.ts";
export type { FitOptions, TokenOptions } from "./token-counter.ts";
export type { Outcome } from "./outcome.ts";
export type { Meter } from "./open-telemetry.ts";
export type { ResolverMetrics } from "./resolver-metrics.ts";
export { MemorySource, type PointerSettings } from "./sources/memory.ts";
export { BatchRefused } from "./sources/source.ts";
export type * from "./sources/source.ts";
export { ReportRefused } from "./sources/serving-report.ts";
export type * from "./sources/serving-report.ts";
export { SluiceError, type ErrorCode } from "../domain/errors.ts";
export type * from "../domain/artifact.ts";
export type { Arm } from "../domain/assignment.ts";
export type { Scope } from "../domain/scope.ts";
