/** What can become of a dependant. */
export const PROPAGATION_STATES = [
  /** Its turn has not come. */
  "waiting",
  "testing",
  "rolling_out",
  /** It includes that content already. */
  "unchanged",
  /** There is a new version, and no gate that could test it. */
  "made",
  "passed",
  "promoted",
  /** Its file is in a repository: it is changed there. */
  "in_git",
  /** It cannot be made: what it would say does not fit together, or may not be saved. */
  "impossible",
  "insufficient",
  "failed",
  /** Its rollout was taken back, for harm: everything else is stopped. */
  "rolled_back",
  /** Something else of the propagation has not gone well. */
  "stopped",
] as const;
export type PropagationState = (typeof PROPAGATION_STATES)[number];

/** States after which what includes it may be made. */
export const WELL: ReadonlySet<PropagationState> = new Set(["unchanged", "made", "passed", "promoted"]);

export const UNDER_WAY: ReadonlySet<PropagationState> = new Set(["waiting", "testing", "rolling_out"]);

/** What is to be written in a file of a repository. */
export interface IncludePatch {
  readonly repository: string;
  readonly path: string;
  /** `house-style@3` and `house-style@4`. */
  readonly from: string;
  readonly to: string;
}

/** A prompt that includes what is propagated, and what has become of it. */
export interface PropagatedDependant {
  readonly prompt: string;
  /** 1: it includes it by itself. */
  readonly level: number;
  /** What it is made anew from: `support-reply@3`. */
  readonly from: string;
  /** What was made; null: nothing. */
  readonly version: string | null;
  readonly state: PropagationState;
  readonly reason: string;
  readonly evaluationId: string | null;
  readonly rolloutId: string | null;
  readonly patch: IncludePatch | null;
}

/** A version on its way to what includes its prompt: what `sluice propagate` prints. */
export interface Propagation {
  readonly propagationId: string;
  /** `house-style@4`. */
  readonly version: string;
  /** Dependants are what this label serves; null: their newest versions. */
  readonly label: string | null;
  readonly rollout: boolean;
  /** What the gates may spend together; null: what each one's own policy says. */
  readonly maxCostUsd: number | null;
  readonly startedBy: string;
  readonly startedAt: string;
  readonly endedAt: string | null;
  /** Why it ended before all was done; otherwise empty. */
  readonly reason: string;
  /** What is included before what includes it. */
  readonly dependants: readonly PropagatedDependant[];
}
