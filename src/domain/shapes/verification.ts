import type { Tombstone } from "./retention.ts";

/** Whether the audit log is whole, and every pointer as it says. */
export interface AuditVerification {
  readonly ok: boolean;
  readonly entries: number;
  readonly prompts: number;
  /** The first broken entry of each broken chain. */
  readonly broken: readonly BrokenChain[];
  /** Pointers that are not as the newest entry of the log has them. */
  readonly astray: readonly { readonly prompt: string; readonly scope: string; readonly problem: string }[];
}

/** What was last found of the log, and whether it is being computed again at this moment. */
export interface RememberedVerification {
  /** Null: never yet. */
  readonly checkedAt: string | null;
  readonly isRunning: boolean;
  readonly found: AuditVerification | null;
  /** Why the last one came to nothing. */
  readonly failed: string | null;
}

export interface BrokenChain {
  readonly prompt: string;
  readonly seq: number;
  readonly problem: string;
}

/** A rollout's looks, decided again from what was stored with them. */
export interface Recomputed {
  readonly rolloutId: string;
  /** How many looks at the evidence were stored, and computed again. */
  readonly looks: number;
  /** Every stored look could be computed and came out as it was stored. */
  readonly identical: boolean;
  /** How many looks came out otherwise. */
  readonly different: number;
  readonly first: Difference | null;
  /** How many looks each version of the decision rules has decided. Each is computed by its own version. */
  readonly codeVersions: Readonly<Record<string, number>>;
  /** Looks of versions that this Sluice does not have: not computed. */
  readonly notComputed: Readonly<Record<string, number>>;
  /** Looks that decided nothing and were removed when their time was over: not computed. Null: none. */
  readonly removed: Tombstone | null;
}

export interface Difference {
  readonly tick: number;
  readonly at: string;
  readonly codeVersion: string;
  /** `evidence.0.z`. */
  readonly field: string;
  readonly stored: unknown;
  readonly computed: unknown;
}
