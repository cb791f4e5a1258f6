/**
 * What a run under faults has done and left behind, as plain data: what operators asked and were answered, what
 * services were served, and what the store keeps of it. All times are ms since 1970 by the clock of the one machine.
 */
export interface History {
  readonly operations: readonly Operation[];
  readonly samples: readonly Sample[];
  /** Every version of every pointer's row, in the order in which they were written. */
  readonly pointers: readonly PointerVersion[];
  readonly audit: readonly AuditEntry[];
  readonly rollouts: readonly EndedRollout[];
  /** What operators read of pointers. */
  readonly readings: readonly Reading[];
  readonly counts: readonly RolloutCounts[];
  /** Which arm each unit is counted in. */
  readonly exposures: readonly Exposure[];
  /** How many outcomes there are of each version, and how many its usage says. */
  readonly usage: readonly VersionUsage[];
  /** Outcomes that a store has said that it has. */
  readonly takenOutcomes: readonly string[];
  /** Of those, the ones that are not there. */
  readonly lostOutcomes: readonly string[];
  /** When Postgres was stopped as a whole. */
  readonly freezes: readonly Freeze[];
  readonly brokenChains: readonly string[];
  readonly deadLetters: readonly string[];
}

/** From before it stopped until after it went on, in ms since 1970. */
export interface Freeze {
  readonly from: number;
  readonly to: number;
}

export type OperationKind =
  | "start"
  | "replace"
  | "pause"
  | "resume"
  | "abort"
  | "promote"
  | "approve"
  | "roll_back"
  | "set";

/** Through which part of the house something was asked: Postgres itself, a server, or a relay before one. */
export type Door = "database" | "server" | "relay";

/** What an operator asked, with its tries: the same request each time. */
export interface Operation {
  /** Unique; whatever the operation leaves behind carries it. */
  readonly tag: string;
  readonly kind: OperationKind;
  readonly door: Door;
  readonly scope: string;
  readonly startedAt: number;
  readonly endedAt: number;
  /** Unknown: no answer came, so it may have been done or not. */
  readonly outcome: "acknowledged" | "refused" | "unknown";
  /** Which rollout the answer was about. */
  readonly rolloutId?: string | undefined;
  readonly message?: string | undefined;
  /** An error that is neither a refusal in words nor that the store or Temporal is unreachable. */
  readonly unforeseen?: string | undefined;
  /** The pointer's revision that a compare-and-set expects. */
  readonly expected?: number | undefined;
  /** The pointer's revision that was answered. */
  readonly revision?: number | undefined;
  /** The same request, asked once more after its answer, was answered in another way. */
  readonly otherwise?: string | undefined;
}

/** What an operator was told of a pointer: its revision at some moment between the two. */
export interface Reading {
  readonly scope: string;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly revision: number;
}

/** What one unit was served. */
export interface Sample {
  /** A moment before it was asked. */
  readonly at: number;
  readonly door: Door;
  readonly scope: string;
  readonly unit: string;
  /** As the store knows the unit. */
  readonly digest: string;
  /** The version's id; null: the fallback. */
  readonly version: string | null;
  readonly revision: number | null;
  readonly arm: "candidate" | "control" | "unenrolled";
  readonly rolloutId: string | null;
  readonly epoch: number | null;
  /** True when the library said itself that it may be old. */
  readonly isStale: boolean;
  /** True when it had nothing to serve. */
  readonly isFallback: boolean;
}

export interface PointerVersion {
  readonly scope: string;
  readonly revision: number;
  readonly active: string | null;
  readonly candidate: string | null;
  /** What was served before: in a holdback, what the control gets. */
  readonly previous: string | null;
  readonly mode: "canary" | "holdback" | null;
  readonly share: number;
  readonly epoch: number;
  readonly rolloutId: string | null;
  readonly leaseUntil: number | null;
  /** When its transaction was committed. */
  readonly at: number;
}

export interface AuditEntry {
  readonly scope: string;
  readonly action: string;
  readonly revision: number | null;
  readonly rolloutId: string | null;
  /** Who was named as asking. */
  readonly by: string | null;
  readonly reason: string | null;
  readonly at: number;
}

/** Said of a rollout that Temporal was never asked for. It needs an end all the same. */
export const NEVER_STARTED = "NEVER_STARTED";

export interface EndedRollout {
  readonly id: string;
  readonly scope: string;
  readonly requestId: string;
  readonly outcome: string | null;
  readonly reason: string | null;
  readonly endedAt: number | null;
  /** Temporal's word for its workflow, or {@link NEVER_STARTED}. */
  readonly workflow: string;
}

/** What was taken in for an arm of a rollout's metric, and what of it was folded. */
export interface RolloutCounts {
  readonly rolloutId: string;
  readonly metric: string;
  readonly arm: "candidate" | "control";
  readonly exposures: number;
  /** Exposures whose window is still open. */
  readonly open: number;
  /** Exposures that have an outcome. */
  readonly answered: number;
  readonly foldedUnits: number;
  readonly foldedValues: number;
}

export interface Exposure {
  readonly rolloutId: string;
  readonly digest: string;
  readonly mode: "canary" | "holdback";
  readonly arm: "candidate" | "control";
}

export interface VersionUsage {
  readonly version: string;
  readonly outcomes: number;
  readonly counted: number;
}
