import type { CanaryPolicy, MetricKind, MetricSpec } from "../domain/policy.ts";
import type { Margin } from "../domain/quantity.ts";
import { HARM_ALPHA } from "./assessment.ts";
import { oneSidedMultiplier } from "./asymptotic-sequence.ts";
import { HARM_N_STAR } from "./decision/harm.ts";
import { monitored, type MonitoredMetric } from "./decision/monitored-metric.ts";
import { PROMOTION_ALPHA } from "./decision/promotion.ts";
import { count, difference, duration, percent } from "./decision/wording.ts";
import { normalCdf, normalQuantile } from "./distributions.ts";
import { DAY_MS, timeFor, unitsAfter } from "./enrolment.ts";
import { crossingProbability, driftForPower } from "./group-sequential.ts";

/** Plans are made for this chance to find what is there. */
const POWER = 0.8;

/** What is known of a metric under the version that serves now, between units. */
export interface MetricHistory {
  readonly n: number;
  readonly mean: number;
  /** Not needed for 0/1 metrics. */
  readonly sd: number;
  /** Part of the units that carry a value; 1 unless known. */
  readonly coverage?: number;
}

export interface PlanInput {
  readonly canary: CanaryPolicy;
  readonly metrics: Readonly<Record<string, MetricSpec>>;
  /** A metric without any use so far is left out. */
  readonly history: Readonly<Record<string, MetricHistory>>;
  /** New units (users, conversations) a day in this scope; null when not known. */
  readonly unitsPerDay: number | null;
}

export interface MetricPlan {
  readonly metric: string;
  readonly role: "goal" | "guardrail";
  readonly kind: MetricKind;
  readonly claim: "superior" | "non_inferior" | "harmless";
  /** The margin in the metric's own unit; null where there is none. */
  readonly margin: number | null;
  /** Units an arm for an 80 % chance to meet the claim when nothing differs; null when that has no answer. */
  readonly unitsNeeded: number | null;
  /** The chance that a version without any difference meets this claim in time. */
  readonly chance: number | null;
  /** The smallest margin that could be met (superior: gain that could be shown), 80 % of the time, in time. */
  readonly smallestMargin: number | null;
  /** The smallest harm that is found, 80 % of the time, in time. */
  readonly smallestHarm: number | null;
}

export interface Plan {
  readonly metrics: readonly MetricPlan[];
  /** Units an arm, and of both arms, that the most demanding metric needs; null when one has no answer. */
  readonly unitsPerArm: number | null;
  readonly unitsTotal: number | null;
  /** Days until that many have been seen at this traffic, stages and windows included. */
  readonly days: number | null;
  /** Units an arm that will have been seen when max_duration is over, max_units at most. */
  readonly unitsReachable: number | null;
  /** The chance that a harmless version is promoted: all claims together, taken as independent. */
  readonly harmlessPromoted: number | null;
  /** Said before starting; empty when the policy can conclude. */
  readonly warnings: readonly string[];
}

/** What a rollout will need and what it can find, before it starts. Estimates, from the history given. */
export function plan(input: PlanInput): Plan {
  const { canary, unitsPerDay } = input;
  const watched = monitored(canary, input.metrics);
  const windowMs = Math.max(...watched.map(({ spec }) => spec.window_ms));
  const seen =
    unitsPerDay === null
      ? { units: canary.max_units, concludes: true }
      : unitsAfter(canary, unitsPerDay, canary.max_duration_ms - windowMs);
  const units = Math.min(canary.max_units, Math.floor(seen.units));
  const metrics = watched.map((metric) => planMetric(metric, input, units, seen.concludes, watched.length));
  const needs = metrics
    .filter(({ claim }) => claim !== "harmless")
    // How much better a superior version is nobody knows before: all the units may be needed.
    .map((metric) =>
      metric.claim === "superior" && metric.chance !== null ? canary.max_units : metric.unitsNeeded,
    );
  const unitsPerArm = needs.includes(null)
    ? null
    : Math.max(Math.min(canary.min_units, canary.max_units), ...needs.map((need) => need ?? 0));
  const chances = metrics.map(({ chance }) => chance);
  const harmlessPromoted = chances.includes(null)
    ? null
    : chances.reduce<number>((all, one) => all * (one ?? 0), 1);
  const enrolling =
    unitsPerArm === null || unitsPerDay === null ? null : timeFor(canary, unitsPerDay, unitsPerArm);
  const days = enrolling === null || !Number.isFinite(enrolling) ? null : (enrolling + windowMs) / DAY_MS;

  const found = { metrics, unitsPerArm, days, harmlessPromoted };
  return {
    ...found,
    unitsTotal: unitsPerArm === null ? null : 2 * unitsPerArm,
    unitsReachable: unitsPerDay === null ? null : units,
    warnings: warningsOf(input, found, seen.concludes),
  };
}

function warningsOf(
  { canary, history, unitsPerDay }: PlanInput,
  {
    metrics,
    unitsPerArm,
    days,
    harmlessPromoted,
  }: Pick<Plan, "metrics" | "unitsPerArm" | "days" | "harmlessPromoted">,
  concludes: boolean,
): readonly string[] {
  const warnings: string[] = [];
  for (const metric of metrics) {
    const known = history[metric.metric];
    if (!known || known.n < 2)
      warnings.push(`${metric.metric} has no history yet: what it needs cannot be said before the start`);
    else if (metric.unitsNeeded !== null && metric.unitsNeeded > canary.max_units)
      warnings.push(
        `${metric.metric} needs about ${count(metric.unitsNeeded)} units an arm, more than the ${count(canary.max_units)} allowed: ` +
          `raise max_units, or its margin to ${marginText(metric, metric.smallestMargin)}`,
      );
  }
  if (unitsPerDay === null) warnings.push("traffic is not known: say how many units a day to expect");
  else if (days === null && unitsPerArm !== null)
    warnings.push("without traffic the rollout cannot conclude at all");
  else if (!concludes)
    warnings.push(
      `at ${count(unitsPerDay)} units a day the last stage is not reached within max_duration (${duration(canary.max_duration_ms)})`,
    );
  else if (days !== null && days * DAY_MS > canary.max_duration_ms)
    warnings.push(
      `at ${count(unitsPerDay)} units a day it takes about ${duration(days * DAY_MS)} to conclude, longer than ` +
        `max_duration (${duration(canary.max_duration_ms)}): a harmless version is promoted ${harmlessPromoted === null ? "less often than planned" : `${percent(harmlessPromoted)} of the time`}`,
    );
  if (canary.goal.claim === "superior")
    warnings.push(
      `${canary.goal.metric} must prove superior: a version that is merely as good is promoted at most ${percent(PROMOTION_ALPHA)} of the time`,
    );
  return warnings;
}

function planMetric(
  metric: MonitoredMetric,
  { canary, history }: PlanInput,
  units: number,
  concludes: boolean,
  watched: number,
): MetricPlan {
  const { claim, spec, direction } = metric;
  const known = history[metric.metric];
  const line = { metric: metric.metric, role: metric.role, kind: spec.kind, claim };
  const nothing = { margin: null, unitsNeeded: null, smallestMargin: null, smallestHarm: null };
  if (!known || known.n < 2 || !Number.isFinite(known.mean + known.sd))
    return { ...line, ...nothing, chance: claim === "harmless" ? 1 : null };
  const rate = spec.kind === "rare" || spec.kind === "proportion";
  // As in an assessment: what was seen once in a hundred units is not taken for never.
  const p = (known.mean * known.n + 1) / (known.n + 2);
  const variance = rate ? p * (1 - p) : known.sd ** 2;
  const coverage = Math.min(1, Math.max(1e-6, known.coverage ?? 1));
  const relative = claim !== "superior" && metric.margin?.kind === "relative" ? metric.margin.value : 0;
  const factor = 1 + (direction === "lower" ? relative : -relative);
  const perUnit = (variance * (1 + factor * factor)) / coverage;
  const harmSe = Math.sqrt((2 * variance) / coverage / Math.max(1, units));
  const multiplier = oneSidedMultiplier(Math.max(1, 2 * units * coverage), HARM_N_STAR, HARM_ALPHA / watched);
  const smallestHarm =
    units < 1 ? null : (multiplier + normalQuantile(POWER)) * harmSe + absolute(metric.tolerance, known.mean);
  if (claim === "harmless") return { ...line, ...nothing, chance: 1, smallestHarm };

  const margin =
    claim === "superior" ? null : absolute(metric.margin ?? { kind: "absolute", value: 0 }, known.mean);
  const se = Math.sqrt(perUnit / canary.max_units);
  const t = concludes ? units / canary.max_units : 0;
  const test = testOf(canary.promote_by);
  const chance = margin === null ? Math.min(PROMOTION_ALPHA, test.chance(0, t)) : test.chance(margin / se, t);
  return {
    ...line,
    margin,
    unitsNeeded: margin === null ? null : unitsNeeded(test, perUnit, margin, canary.max_units),
    chance,
    smallestMargin: finiteOrNull(test.drift(t) * se),
    smallestHarm,
  };
}

/**
 * Units an arm after which a version without any difference has met its claim 80 % of the time. When even
 * max_units are too few: what max_units would have to be.
 */
function unitsNeeded(
  test: ReturnType<typeof testOf>,
  perUnit: number,
  margin: number,
  maxUnits: number,
): number {
  const drift = margin / Math.sqrt(perUnit / maxUnits);
  if (test.chance(drift, 1) < POWER) return Math.ceil(perUnit * (test.drift(1) / margin) ** 2);
  let [low, high] = [0, 1];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (test.chance(drift, middle) < POWER) low = middle;
    else high = middle;
  }
  return Math.ceil(high * maxUnits - 1e-6);
}

/** The chance to promote at a drift by information t, and the drift that has a chance of 80 %. */
function testOf(promoteBy: CanaryPolicy["promote_by"]) {
  if (promoteBy === "group_sequential") {
    const c = -normalQuantile(PROMOTION_ALPHA / 2);
    return {
      chance: (drift: number, t: number) => crossingProbability(drift, c, t),
      drift: (t: number) => (t > 0 ? driftForPower(c, POWER, t) : Infinity),
    };
  }
  const c = -normalQuantile(PROMOTION_ALPHA);
  return {
    chance: (drift: number, t: number) => (t >= 1 ? normalCdf(drift - c) : 0),
    drift: (t: number) => (t >= 1 ? c + normalQuantile(POWER) : Infinity),
  };
}

function absolute(margin: Margin, mean: number): number {
  return margin.kind === "relative" ? margin.value * Math.abs(mean) : margin.value;
}

function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

function marginText({ kind }: MetricPlan, margin: number | null): string {
  return margin === null ? "a larger one" : difference(kind, margin).replace("+", "");
}
