import type { Direction, MetricKind } from "../policy/policy.ts";
import type { Bound } from "../rollout/reading.ts";

/** Looks that a curve is made of, unless it is said, and at most. */
export const USUAL_POINTS = 300;
export const MOST_POINTS = 1_000;

/** What a rollout has seen over time, column by column: what is drawn crosses a line at the look that decides by it. */
export interface RolloutCurve {
  /** The number of each look, and when it was. */
  readonly tick: readonly number[];
  readonly at: readonly string[];
  /** 1-based. */
  readonly stage: readonly number[];
  readonly verdict: readonly string[];
  /** Users that were seen, by group. */
  readonly units: { readonly new: readonly number[]; readonly current: readonly number[] };
  readonly metrics: Readonly<Record<string, MetricCurve>>;
  readonly fuses: Readonly<Record<string, FuseCurve>>;
  /** What happened meanwhile, the oldest first. */
  readonly marks: readonly CurveMark[];
  /** The version of the rules of the newest look; edges are there for those of version 3 alone. */
  readonly decidedBy: string | null;
}

type Column = readonly (number | null)[];

export interface MetricCurve {
  readonly role: "goal" | "guardrail";
  readonly kind: MetricKind;
  readonly direction: Direction;
  readonly claim: "superior" | "non_inferior" | "limit" | "harmless";
  readonly new: Column;
  readonly current: Column;
  /** New less current. */
  readonly diff: Column;
  /** What the edges are: differences in the metric's own unit, or how many times as often. */
  readonly harmScale: Bound["scale"] | null;
  readonly claimScale: Bound["scale"] | null;
  /** The best that the new version can still be; past `harmLine` it is taken back. */
  readonly bestCase: Column;
  readonly harmLine: Column;
  /** The worst that it can still be; past `claimLine` it is good enough. Null outside the last stage. */
  readonly worstCase: Column;
  readonly claimLine: Column;
  /** Since when it has been good enough, or harm, at every look; null: it is not. */
  readonly since: { readonly met: string | null; readonly harm: string | null };
}

export interface FuseCurve {
  readonly metric: string;
  readonly above: boolean;
  /** What the new version surely is; past the line it is an emergency stop. */
  readonly edge: Column;
  readonly line: Column;
}

export interface CurveMark {
  readonly at: string;
  /** The action, as the audit log has it. */
  readonly kind: string;
  readonly text: string;
}
