import type { CanaryPolicy } from "../../../domain/policy/policy.ts";
import { normalQuantile } from "../../distributions.ts";
import { crossingProbability } from "../../inference/group-sequential.ts";
import { beyondMargin } from "../both-versions/tolerance.ts";
import { MIN_VALUES } from "./harm.ts";
import type { MonitoredMetric } from "./monitored-metric.ts";
import type { Observations } from "./observations.ts";

/** Each claim is tested one-sided at this level, uncorrected: all of them must hold (intersection-union). */
export const PROMOTION_ALPHA = 0.025;
const SEQUENTIAL_C = -normalQuantile(PROMOTION_ALPHA / 2);
const FIXED_C = -normalQuantile(PROMOTION_ALPHA);

export interface ClaimCheck {
  readonly state: "met" | "not_yet" | "not_enough_data";
  /** The score reached; null for a guardrail that blocks by harm alone, and without data. */
  readonly z: number | null;
  /** The score needed now; null while none can be enough. */
  readonly boundary: number | null;
}

/** What every claim's score must reach at information fraction t; null when this is no moment to look. */
export function boundaryAt(promoteBy: CanaryPolicy["promote_by"], t: number): number | null {
  if (promoteBy === "fixed_horizon") return t >= 1 ? FIXED_C : null;
  return t > 0 ? SEQUENTIAL_C / Math.sqrt(Math.min(1, t)) : null;
}

/** Does this metric meet its claim, or with `as` a weaker one? */
export function checkClaim(
  metric: MonitoredMetric,
  seen: Observations,
  boundary: number | null,
  as: MonitoredMetric["claim"] = metric.claim,
): ClaimCheck {
  if (seen.broken || Math.min(seen.n.candidate, seen.n.control) < MIN_VALUES)
    return { state: "not_enough_data", z: null, boundary };
  if (as === "harmless") return { state: "met", z: null, boundary: null };
  const margin = as === "superior" ? undefined : metric.margin;
  const worse = beyondMargin(seen, metric.direction, margin ?? { kind: "absolute", value: 0 });
  if (!worse) return { state: "not_yet", z: null, boundary };
  const met = boundary !== null && -worse.z >= boundary;
  return { state: met ? "met" : "not_yet", z: -worse.z, boundary };
}

/**
 * The chance that a version without any difference would have met this claim by information t, from the
 * precision reached; null when there is none to speak of.
 */
export function powerReached(metric: MonitoredMetric, seen: Observations, t: number): number | null {
  if (!metric.margin || !(t > 0)) return null;
  const worse = beyondMargin(seen, metric.direction, metric.margin);
  if (!worse) return null;
  const margin =
    metric.margin.kind === "absolute"
      ? metric.margin.value
      : metric.margin.value * Math.abs(seen.mean.control ?? 0);
  const until = Math.min(1, t);
  return crossingProbability(margin / worse.se / Math.sqrt(until), SEQUENTIAL_C, until);
}
