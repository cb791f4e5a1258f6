import type { Direction, MetricKind } from "../policy/policy.ts";
import type { EnrolledArm } from "./assignment.ts";
import type { Evidence } from "./verdict.ts";

/** What the evidence surely reaches, and the line that it has to pass for something to be decided. */
export interface Bound {
  /** As of an edge of `sluice/stats`: what `line` and `edge` are differences, ratios or values of. */
  readonly scale: "difference" | "ratio" | "increase" | "value" | "evidence";
  readonly line: number;
  readonly edge: number | null;
  readonly beyond: boolean;
}

/** What there is to be said of one metric at one look, beside its line of evidence. */
export interface MetricReading {
  readonly metric: string;
  readonly role: Extract<Evidence["role"], "goal" | "guardrail" | "segment">;
  /** `language=de`, of a role that is `segment`. */
  readonly segment?: string;
  readonly kind: MetricKind;
  readonly direction: Direction;
  readonly claim: "superior" | "non_inferior" | "limit" | "harmless";
  /** `silence`: units without an outcome; `cap`: units over a cap, of another metric. */
  readonly watches?: "silence" | "cap";
  /** The metric that is capped, and its cap. */
  readonly cap?: { readonly of: string; readonly above: number };
  /** Units with the event and units in all, of a rare metric. */
  readonly counts?: Readonly<Record<EnrolledArm, { readonly events: number; readonly units: number }>>;
  /** The best that the new version can still be; null while harm is not looked for. */
  readonly harm: Bound | null;
  /** The worst that it can still be; null where no claim is tested at this look. */
  readonly release: Bound | null;
  /** How much worse is not taken back, and how much worse is released, in the metric's own unit. */
  readonly tolerated: number | null;
  readonly allowed: number | null;
  /** The part of the current value that is tolerated, where the policy says it so. */
  readonly toleratedPart?: number;
  /** Of a rare metric: the share of units that is allowed. */
  readonly limit?: number;
  /** Every value is the same; or some are no numbers. */
  readonly trouble?: "constant" | "unusable";
}

/** What there is to be said of an emergency stop. */
export interface FuseReading {
  readonly metric: string;
  readonly above?: number;
  readonly below?: number;
  /** Its limit is a share of units. */
  readonly isShare: boolean;
  /** Of the newest units of the new version; null: there are none. */
  readonly now: number | null;
  /** The new version is surely past the limit, and whether the current one is as well: then nothing is taken back. */
  readonly beyond: boolean;
  readonly both: boolean;
}

/** What people call things, and what a rollout's policy asks for: what sentences need beside the state. */
export interface RolloutSetting {
  /** `users`, or what the policy calls them. */
  readonly users: string;
  /** What the policy calls metrics, and what they are counted in. */
  readonly names: Readonly<Record<string, { readonly title?: string; readonly unit?: string }>>;
  readonly readings: readonly MetricReading[];
  readonly fuses: readonly FuseReading[];
  readonly lastStage: boolean;
  /** When the least time of its stage is over, and how many units each group still lacks for it. */
  readonly stage: { readonly until: string; readonly unitsLeft: number } | null;
  /** Units in each group that are enrolled at most; null without a canary. */
  readonly maxUnits: number | null;
  /** When the lease of the candidate was over, where nobody has renewed it. */
  readonly unattendedSince: string | null;
  readonly approval: {
    readonly needed: number;
    readonly given: readonly string[];
    /** When it is turned down by itself. */
    readonly until: string;
  } | null;
  /** Whoever paused it, with what they said. */
  readonly pausedBy: Act | null;
  readonly tests: TestsReading | null;
  /** When what is still watched is over. */
  readonly watchedUntil: string | null;
  /** The dead letter that is left of it. */
  readonly deadLetterId: string | null;
}

export interface Act {
  readonly by: string;
  readonly why: string | null;
}

/** What the gate's cases came to, and what its policy asks of them. */
export interface TestsReading {
  readonly verdict: "pass" | "fail" | "insufficient" | null;
  /** Of both versions, so far. */
  readonly answers: number;
  readonly cases: number;
  readonly passed: number;
  /** Answers that never came. */
  readonly errors: number;
  /** Mean share of the repeats that passed, 0 to 1. */
  readonly passRate: number | null;
  readonly baselinePassRate: number | null;
  /** By how much the pass rate can have fallen, from least to most; above 0 is worse. */
  readonly fall: readonly [number, number] | null;
  readonly minPassRate: number;
  readonly maxRegression: number;
  readonly looks: "fine" | "worse" | "not_delivered" | null;
  /** What the built-in checks found that stops it. */
  readonly finding: string | null;
  /** A model to fall back to whose answers fail it, and the mean share of these that passed. */
  readonly failedBy?: { readonly model: string; readonly passRate: number };
}
