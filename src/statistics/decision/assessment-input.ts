import type { Ledger } from "../../domain/rollout/ledger.ts";
import type { CanaryPolicy, MetricSpec } from "../../domain/policy/policy.ts";
import type { BaseRate, Cell, EpochExposures, FuseState, SegmentCell } from "../../domain/rollout/verdict.ts";
import type { ByArm } from "./both-versions/arm-sums.ts";
import type { DroppedCounts } from "./dropped-note.ts";
import type { NextClosing } from "./waiting.ts";

export interface AssessmentInput {
  readonly canary: CanaryPolicy;
  readonly metrics: Readonly<Record<string, MetricSpec>>;
  readonly cells: readonly Cell[];
  /** By segment, where the policy names any. */
  readonly segments?: readonly SegmentCell[] | undefined;
  readonly exposures: readonly EpochExposures[];
  /** 0-based. */
  readonly stage: number;
  /** Time in this stage, pauses taken out. */
  readonly dwellMs: number;
  /** Since the canary began. */
  readonly elapsedMs: number;
  /** Paused or awaiting approval: only fuse, invalid, harm and time-out may come out. */
  readonly frozen: boolean;
  /** `holdback`: after promotion; fuse, invalid and harm only, with an alpha of its own. */
  readonly mode: "canary" | "holdback";
  /** An operator asked to skip to promotion: past dwell, stages and claims; never past fuse, invalid, harm, nor without the values to see harm. */
  readonly promoteNow?: boolean;
  /** The so many-th try of the same content: decided more strictly from the second on. 1 by default. */
  readonly attempt?: number | undefined;
  /** What earlier promotions have used of each margin; nothing by default. */
  readonly ledger?: Ledger | undefined;
  /** Of the previous tick's assessment; an older form of the fuses needs it. */
  readonly fuseStreaks: Readonly<Record<string, number>>;
  /** Of the previous tick's assessment, as the next two are. */
  readonly fuses?: Readonly<Record<string, FuseState>>;
  readonly baseRates?: Readonly<Record<string, BaseRate>>;
  /** Age of each arm's newest value, per metric; null: never. A metric left out is not checked. */
  readonly silenceMs: Readonly<Record<string, ByArm<number | null>>>;
  /** Outcomes that services had no room for, as they say, beside those that came; left out: none. */
  readonly dropped?: DroppedCounts | undefined;
  /** The window that closes next; null or left out: no unit is known to wait. */
  readonly nextClosing?: NextClosing | null;
}
