import type { EnrolledArm } from "./assignment.ts";
import type { LedgerStep } from "./ledger.ts";

export const VERDICTS = [
  "continue",
  "advance",
  "promote",
  "harm",
  "fuse",
  "invalid",
  "no_data",
  "inconclusive",
] as const;
/** What one look at the evidence says should happen. */
export type Verdict = (typeof VERDICTS)[number];

/** Closed moments of one metric in one epoch and arm, shards already merged. */
export interface Cell {
  readonly epoch: number;
  readonly arm: EnrolledArm;
  readonly metric: string;
  /** Exposed units whose window has closed, with or without a value. */
  readonly units: number;
  /** Of those, the units that carry a value; for rare metrics a unit counts 1 when it had an event. */
  readonly n: number;
  readonly mean: number;
  /** Sum of squared deviations from the mean. */
  readonly m2: number;
  /** Ratio metrics only: sums over units of per-unit sum s and count c, and of their products. */
  readonly ratio?: {
    readonly s: number;
    readonly c: number;
    readonly ss: number;
    readonly cc: number;
    readonly sc: number;
  };
  /** Of a capped or log-scaled metric: the plain mean of its units' uncapped values. */
  readonly uncapped?: number;
}

/** The same of the units of one segment's value. */
export interface SegmentCell extends Cell {
  readonly segment: string;
  readonly value: string;
}

/** Exposures (closed or not) per epoch: what the sample-ratio check looks at. */
export interface EpochExposures {
  readonly epoch: number;
  readonly candidate: number;
  readonly control: number;
  /** 0-based stage that the epoch belongs to. */
  readonly stage?: number;
}

/** What a rare guardrail is held against: the share of units with an event, and where it was learnt. Fixed once known. */
export interface BaseRate {
  readonly rate: number;
  /** Units of before the rollout, its control's first 30 events, or its control when the last stage began. */
  readonly from: "history" | "control" | "last_stage";
}

/** How far a fuse's evidence has come: it starts anew whenever the metric is fine, so that a good past hides nothing. */
export interface FuseState {
  readonly epoch: number;
  /** 1 for the first start. */
  readonly starts: number;
  /** Units of the epoch, and units with the event, that were there at the last start. */
  readonly candidate: { readonly n: number; readonly x: number };
  readonly control: { readonly n: number; readonly x: number };
}

/** One metric's line in an assessment; what `status` prints. */
export interface Evidence {
  readonly metric: string;
  readonly role: "goal" | "guardrail" | "fuse" | "split" | "coverage" | "segment";
  /** Units that carry a value, by arm. */
  readonly n: { readonly candidate: number; readonly control: number };
  readonly mean: { readonly candidate: number | null; readonly control: number | null };
  /** Means of the uncapped values, where `mean` is of capped ones or a geometric mean. */
  readonly uncapped?: { readonly candidate: number | null; readonly control: number | null };
  /** candidate - control, stratified by epoch; null while there is not enough data. */
  readonly diff: number | null;
  /** Two-sided anytime-valid 95 % interval of diff. */
  readonly ci: readonly [number, number] | null;
  /** diff as a part of the control's mean; left out where that is not above 0. */
  readonly lift?: number;
  /** Anytime p of there being any difference. */
  readonly pDifference?: number;
  /** In a look that promotes at its boundary: the median-unbiased estimate of diff, which is nearer to no gain. */
  readonly unbiased?: number;
  /** The smallest harm that would have shown by now, 4 times of 5, where none does; in the unit of diff. */
  readonly smallestHarm?: number;
  /** Anytime p of harm beyond its tolerance. */
  readonly p: number | null;
  /** It is harm (invalid data, for split and coverage) when p is at or under this. */
  readonly alpha?: number;
  /** What the promotion test compares: z reached and z needed. Null outside the last stage. */
  readonly z: number | null;
  readonly boundary: number | null;
  readonly verdict: "ok" | "met" | "not_yet" | "harm" | "breached" | "not_enough_data" | "invalid";
  /** `language=de`; of a line whose role is segment. */
  readonly segment?: string;
  /** What promotion asks of it; for goal and guardrails. */
  readonly claim?: "superior" | "non_inferior" | "limit" | "harmless";
  /** In a look that promotes: what it costs this metric, for the ledger. */
  readonly step?: LedgerStep;
  /** What a rare guardrail is held against, and where that comes from: one plain sentence. */
  readonly limit?: string;
  /** One plain sentence. */
  readonly note: string;
}

export interface Assessment {
  readonly verdict: Verdict;
  /** One plain sentence that names the metric which decided. */
  readonly reason: string;
  readonly evidence: readonly Evidence[];
  /** Promotion information fraction t = closed units / max_units, 0 to 1. */
  readonly information: number;
  /** Consecutive breached ticks per fuse (`metric` + bound), to be stored for the next tick. */
  readonly fuseStreaks: Readonly<Record<string, number>>;
  /** What rare guardrails are held against, to be stored for the next tick. */
  readonly baseRates?: Readonly<Record<string, BaseRate>>;
  /** Each fuse's evidence, to be stored for the next tick. */
  readonly fuses?: Readonly<Record<string, FuseState>>;
  /** The sample-ratio check's natural-log e-value. */
  readonly splitLogE: number;
  /** Where an operator asked for promotion: what it passes over. */
  readonly passes?: readonly string[];
  /** Something that an operator should look at, while nothing is decided by it. */
  readonly alerts: readonly string[];
}
