/**
 * Sluice's public root: everything that a person can do, as functions (`createSluice`), domain types and errors.
 * Services import `sluice/resolver`; statistics are in `sluice/stats`.
 */
export {
  createSluice,
  type DatabaseOptions,
  type ServerOptions,
  type SluiceOptions,
  type TemporalOptions,
} from "./client/create-sluice.ts";
export type { LangfuseProject } from "./client/importing/langfuse-api.ts";
export type * from "./client/exchange-requests.ts";
export type * from "./client/requests.ts";
export type { Sluice, SluiceChanging, SluiceReading } from "./client/sluice.ts";
export { SluiceError, type ErrorCode } from "./domain/errors.ts";
export type * from "./domain/fleet.ts";
export type * from "./domain/prompt/artifact.ts";
export type * from "./domain/policy/policy.ts";
export type * from "./domain/rollout/rollout.ts";
export type * from "./domain/rollout/verdict.ts";
export type * from "./domain/scope.ts";
export type * from "./domain/shapes/audit.ts";
export type * from "./domain/shapes/dead-letters.ts";
export type * from "./domain/shapes/feedback.ts";
export type * from "./domain/shapes/importing.ts";
export type * from "./domain/shapes/fleet.ts";
export type * from "./domain/shapes/keys.ts";
export type * from "./domain/shapes/labels.ts";
export type * from "./domain/shapes/planning.ts";
export type * from "./domain/shapes/propagating.ts";
export type * from "./domain/shapes/pointers.ts";
export type * from "./domain/shapes/prompts.ts";
export type * from "./domain/shapes/rollout-record.ts";
export type * from "./domain/shapes/rollouts.ts";
export type * from "./domain/shapes/sessions.ts";
export type * from "./domain/shapes/usage.ts";
export type * from "./domain/shapes/verification.ts";
export type * from "./domain/shapes/versions.ts";
export type { CaseResult } from "./evaluation/grading/case-result.ts";
export type * from "./evaluation/verdict/kept-evaluation.ts";
export type { EvaluationReport } from "./evaluation/verdict/evaluation-report.ts";
export type { PromotionAnswer, RolloutProgress } from "./protocol/rollout-messages.ts";
