import type { Direction, Goal, Guardrail, MetricSpec } from "../../../domain/policy/policy.ts";
import type { Margin } from "../../../domain/policy/quantity.ts";
import { contrast, type Contrast, type Stratum } from "../../inference/stratified.ts";
import { amount, percent } from "../wording.ts";
import type { ByArm } from "./arm-sums.ts";

export const DEFAULT_SPEC: MetricSpec = { kind: "mean", window_ms: 0 };
export const NO_TOLERANCE: Margin = { kind: "absolute", value: 0 };
/** Names of what went wrong: worse by anything is harm, whatever kind of number it is. */
const TROUBLE = /error|fail|time_?out|refus|reject|invalid|complain|crash/i;

/** A margin of the wrong sign would prove anything; it counts as none. */
export function sound(margin: Margin | undefined): Margin | undefined {
  return margin && margin.value > 0 && Number.isFinite(margin.value) ? margin : undefined;
}

/**
 * What is written wins. Otherwise any harm to the goal, to a rate and to errors counts, while a
 * lower-is-better quantity (latency, cost, tokens) is taken back only when it is worse by more than its
 * margin: a better answer may be a little slower.
 */
export function toleranceOf(rail: Goal | Guardrail, spec: MetricSpec, margin: Margin | undefined): Margin {
  if ("rollback_tolerance" in rail && rail.rollback_tolerance && rail.rollback_tolerance.value >= 0)
    return rail.rollback_tolerance;
  const quantity = spec.kind === "mean" || spec.kind === "ratio";
  return rail.direction === "lower" && quantity && margin && !TROUBLE.test(rail.metric)
    ? margin
    : NO_TOLERANCE;
}

/**
 * How much worse than `margin` the candidate is (above 0: worse), stratified. A relative margin is a part
 * of the control's mean in each stratum, its uncertainty included: for lower-is-better
 * `d = mT - (1 + m) mC` with variance `vT + (1 + m)² vC`.
 */
export function beyondMargin(
  { strata, mean }: { readonly strata: readonly Stratum[]; readonly mean: ByArm<number | null> },
  direction: Direction,
  margin: Margin,
): Contrast | undefined {
  const sign = direction === "lower" ? 1 : -1;
  if (margin.kind === "absolute") return contrast(strata, sign, -sign, -margin.value);
  // With a negative mean, "10 % worse" still has to be worse.
  const share = margin.value * Math.sign(mean.control ?? 0);
  return contrast(strata, sign, -sign - share);
}

/** A tolerance as a sentence has it. */
export function shownTolerance(tolerance: Margin, { kind }: MetricSpec): string {
  return tolerance.kind === "relative" ? percent(tolerance.value) : amount(kind, tolerance.value);
}

/** A level that a p is held to, to three digits. */
export function shownLevel(alpha: number): string {
  return String(Number(alpha.toPrecision(3)));
}
