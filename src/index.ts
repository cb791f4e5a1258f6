/** Sluice's public root: domain types and errors. Services import `sluice/resolver`; statistics are in `sluice/stats`. */
export { SluiceError, type ErrorCode } from "./domain/errors.ts";
export type * from "./domain/prompt/artifact.ts";
export type * from "./domain/policy/policy.ts";
export type * from "./domain/rollout/rollout.ts";
export type * from "./domain/rollout/verdict.ts";
export type * from "./domain/scope.ts";
