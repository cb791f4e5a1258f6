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
  readonly counts: readonly RolloutCounts[];
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
  "start" | "replace" | "pause" | "resume" | "abort" | "promote" | "approve" | "roll_back";

/** What an operator asked, with its tries: the same request each time. */
export interface Operation {
  /** Unique; whatever the operation leaves behind carries it. */
  readonly tag: string;
  readonly kind: OperationKind;
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
}

/** What one unit was served. */
export interface Sample {
  /** A moment before it was asked. */
  readonly at: number;
  readonly scope: string;
  readonly unit: string;
  readonly revision: number | null;
  readonly arm: "candidate" | "control" | "unenrolled";
  readonly rolloutId: string | null;
  readonly epoch: number | null;
  /** True when the library said itself that it may be old. */
  readonly isStale: boolean;
}

export interface PointerVersion {
  readonly scope: string;
  readonly revision: number;
  readonly active: string | null;
  readonly candidate: string | null;
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

export interface EndedRollout {
  readonly id: string;
  readonly scope: string;
  readonly requestId: string;
  readonly outcome: string | null;
  readonly reason: string | null;
  readonly endedAt: number | null;
  /** Temporal's word for its workflow. */
  readonly workflow: string;
}

/** What was taken in for a rollout's metric, and what of it was folded. */
export interface RolloutCounts {
  readonly rolloutId: string;
  readonly metric: string;
  readonly exposures: number;
  /** Exposures whose window is still open. */
  readonly open: number;
  /** Exposures that have an outcome. */
  readonly answered: number;
  readonly foldedUnits: number;
  readonly foldedValues: number;
}
