/** Sluice's public root: domain types and errors. Services import `sluice/resolver`; statistics are in `sluice/stats`. */
export { SluiceError, type ErrorCode } from "./domain/errors.ts";
export type * from "./domain/artifact.ts";
export type * from "./domain/policy.ts";
export type * from "./domain/rollout.ts";
export type * from "./domain/verdict.ts";
export type * from "./domain/scope.ts";
