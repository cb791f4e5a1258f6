import type { Arm } from "../../domain/rollout/assignment.ts";
import type { Scope } from "../../domain/scope.ts";
import type { Reason, ResolutionSource } from "./reason.ts";

/** What `JSON.stringify` makes of a {@link ResolvedPrompt}, and `sluice resolve --json` prints. */
export interface Resolution {
  readonly prompt: string;
  readonly version: number | null;
  readonly versionId: string | null;
  readonly sha256: string;
  readonly label: string;
  readonly scope: Scope | null;
  readonly arm: Arm;
  readonly rolloutId: string | null;
  readonly epoch: number | null;
  readonly revision: number | null;
  readonly source: ResolutionSource;
  readonly reason: Reason;
}
