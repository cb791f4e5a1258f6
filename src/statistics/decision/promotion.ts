import type { CanaryPolicy } from "../../domain/policy/policy.ts";
import type { Margin } from "../../domain/policy/quantity.ts";
import { normalQuantile } from "../distributions.ts";
import { farringtonManning } from "../inference/farrington-manning.ts";
import { crossingProbability } from "../inference/group-sequential.ts";
import { beyond, MIN_VALUES } from "./harm.ts";
import type { MonitoredMetric } from "./monitored-metric.ts";
import { events } from "./both-versions/arm-sums.ts";
import type { Observations } from "./observations.ts";
import type { RareLimit } from "./rare-limit.ts";

/** Each claim is tested one-sided at this level, uncorrected: all of them must hold (intersection-union). */
export const PROMOTION_ALPHA = 0.025;
const SEQUENTIAL_C = -normalQuantile(PROMOTION_ALPHA / 2);

export interface ClaimCheck {
  readonly state: "met" | "not_yet" | "not_enough_data";
  /** The score reached; null for a guardrail that blocks by harm alone, and without data. */
  readonly z: number | null;
  /** The score needed now; null while none can be enough. */
  readonly boundary: number | null;
}

/** What every claim's score must reach at information fraction t; null when this is no moment to look. */
export function boundaryAt(promoteBy: CanaryPolicy["promote_by"], t: number, attempt = 1): number | null {
  const alpha = attemptAlpha(attempt);
  if (promoteBy === "fixed_horizon") return t >= 1 ? -normalQuantile(alpha) : null;
  return t > 0 ? -normalQuantile(alpha / 2) / Math.sqrt(Math.min(1, t)) : null;
}

/**
 * The level of the k-th attempt of the same content: who tries until it is promoted gets through by chance.
 * The first has .025; from the second on `.025 x 6 / (pi^2 k^2)`, so that all of them together have at most .035.
 */
export function attemptAlpha(attempt: number): number {
  return attempt <= 1 ? PROMOTION_ALPHA : (PROMOTION_ALPHA * 6) / (Math.PI * attempt) ** 2;
}

/** Does this metric meet its claim, or with `as` a weaker one? `left`: of its margin, after earlier promotions. */
export function checkClaim(
  metric: MonitoredMetric,
  seen: Observations,
  boundary: number | null,
  limit: RareLimit | undefined,
  as: MonitoredMetric["claim"] = metric.claim,
  left: Margin | undefined = metric.margin,
): ClaimCheck {
  if (as === "limit") return checkLimit(seen, boundary, limit);
  if (seen.broken || Math.min(seen.n.candidate, seen.n.control) < MIN_VALUES)
    return { state: "not_enough_data", z: null, boundary };
  if (as === "harmless") return { state: "met", z: null, boundary: null };
  const margin = as === "superior" ? undefined : left;
  const worse = beyond(seen, metric.direction, margin ?? { kind: "absolute", value: 0 });
  if (!worse) return { state: "not_yet", z: null, boundary };
  const met = boundary !== null && -worse.z >= boundary;
  return { state: met ? "met" : "not_yet", z: -worse.z, boundary };
}

/** Is a rare event shown to stay under its limit? */
function checkLimit(seen: Observations, boundary: number | null, limit: RareLimit | undefined): ClaimCheck {
  const { candidate, control } = seen.units;
  if (seen.broken || !limit || Math.min(candidate, control) < MIN_VALUES)
    return { state: "not_enough_data", z: null, boundary };
  const { form, ratio, increase } = limit;
  const result = farringtonManning({
    candidate: { x: events(seen, "candidate"), n: candidate },
    control: { x: events(seen, "control"), n: control },
    against: { form, value: form === "ratio" ? ratio : increase },
  });
  if (!result.ok) return { state: "not_enough_data", z: null, boundary };
  return { state: boundary !== null && result.z >= boundary ? "met" : "not_yet", z: result.z, boundary };
}

/**
 * The chance that a version without any difference would have met this claim by information t, from the
 * precision reached; null when there is none to speak of.
 */
export function powerReached(metric: MonitoredMetric, seen: Observations, t: number): number | null {
  if (!metric.margin || !(t > 0)) return null;
  const worse = beyond(seen, metric.direction, metric.margin);
  if (!worse) return null;
  const { kind, value } = metric.margin;
  const margin = seen.log
    ? Math.log1p(value)
    : kind === "absolute"
      ? value
      : value * Math.abs(seen.mean.control ?? 0);
  const until = Math.min(1, t);
  return crossingProbability(margin / worse.se / Math.sqrt(until), SEQUENTIAL_C, until);
}
