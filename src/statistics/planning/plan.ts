import { BUCKETS } from "../../domain/rollout/assignment.ts";
import type { CanaryPolicy, MetricSpec } from "../../domain/policy/policy.ts";
import type { Margin } from "../../domain/policy/quantity.ts";
import { HARM_ALPHA } from "../decision/assessment.ts";
import { oneSidedMultiplier } from "../inference/asymptotic-sequence.ts";
import { HARM_N_STAR } from "../decision/harm.ts";
import { monitored, type MonitoredMetric } from "../decision/monitored-metric.ts";
import { PROMOTION_ALPHA } from "../decision/promotion.ts";
import { limitSentence, rareLimit } from "../decision/rare-limit.ts";
import { normalCdf, normalQuantile } from "../distributions.ts";
import { DAY_MS, timeFor, unitsAfter } from "./enrolment.ts";
import { crossingProbability, driftForPower } from "../inference/group-sequential.ts";
import { plannedRuns, smoothedRate } from "./planned-runs.ts";
import { isKnown, type MetricPlan, type Plan, type PlanInput, type ToleranceChances } from "./plan-shape.ts";
import { warningsOf } from "./plan-warnings.ts";

export type { MetricPlan, Plan, PlanInput } from "./plan-shape.ts";

/** Plans are made for this chance to find what is there. */
const POWER = 0.8;

/** Rollouts that a plan runs: enough to say units and days to about 4 %, in seconds. */
const RUNS = 250;
const TOLERANCE_RUNS = 60;
/** Of the margin: how much worse the version is whose chances under both tolerances are said. */
const WITHIN_MARGIN = 0.4;

/** What a rollout will need and what it can find, before it starts. Estimates, from the history given. */
export function plan(input: PlanInput): Plan {
  const { canary, unitsPerDay } = input;
  const all = monitored(canary, input.metrics);
  const watched = all.filter(({ builtIn }) => !builtIn);
  const windowMs = Math.max(...all.map(({ spec }) => spec.window_ms));
  const seen =
    unitsPerDay === null
      ? { units: canary.max_units, concludes: true }
      : unitsAfter(canary, unitsPerDay, canary.max_duration_ms - windowMs);
  const units = Math.min(canary.max_units, Math.floor(seen.units));
  const metrics = watched.map((metric) => planMetric(metric, input, units, seen.concludes, all.length));
  const needs = metrics.map((metric) =>
    // How much better a superior version is nobody knows before: all the units may be needed.
    metric.claim === "superior" && metric.chance !== null ? canary.max_units : metric.unitsNeeded,
  );
  const needed = metrics.flatMap(({ claim }, i) => (claim === "harmless" ? [] : [needs[i]!]));
  const alone = needed.includes(null!)
    ? null
    : Math.max(Math.min(canary.min_units, canary.max_units), ...needed);
  const runs = input.runs ?? RUNS;
  const known = watched.every(({ metric }) => isKnown(input.history[metric]));
  const joint =
    runs > 0 && known && unitsPerDay !== null && unitsPerDay > 0
      ? plannedRuns({ ...input, unitsPerDay, runs }, POWER)
      : null;
  const chances = metrics.map(({ chance }) => chance);
  const harmlessPromoted =
    joint?.promoted ??
    (chances.includes(null) ? null : chances.reduce<number>((all, one) => all * (one ?? 0), 1));
  const unitsPerArm = joint?.unitsPerArm ?? alone;
  const enrolling =
    unitsPerArm === null || unitsPerDay === null ? null : timeFor(canary, unitsPerDay, unitsPerArm);
  const waiting = enrolling === null || !Number.isFinite(enrolling) ? null : (enrolling + windowMs) / DAY_MS;
  const days = joint?.days ?? waiting;

  const found = { metrics, unitsPerArm, days, harmlessPromoted };
  return {
    ...found,
    unitsTotal: unitsPerArm === null ? null : 2 * unitsPerArm,
    decidesLength: decidesLength(metrics, canary.min_units),
    unitsReachable: unitsPerDay === null ? null : units,
    harmlessRolledBack: joint?.rolledBack ?? null,
    tolerance: joint === null ? null : toleranceChances(input, unitsPerDay!, Math.min(runs, TOLERANCE_RUNS)),
    warnings: warningsOf(input, found, seen.concludes),
  };
}

/** Whether a policy ends undecided more often than planned, as far as is known. */
export function fallsShort({ metrics, unitsPerArm, days }: Plan, canary: CanaryPolicy): boolean {
  if (metrics.some(({ unitsNeeded }) => unitsNeeded !== null && unitsNeeded > canary.max_units)) return true;
  // What no metric's history tells, nobody can warn of.
  return unitsPerArm !== null && (days === null || days * DAY_MS > canary.max_duration_ms);
}

function decidesLength(metrics: readonly MetricPlan[], minUnits: number): Plan["decidesLength"] {
  const sized = metrics
    .flatMap(({ metric, unitsNeeded }) => (unitsNeeded === null ? [] : [{ metric, units: unitsNeeded }]))
    .toSorted((a, b) => b.units - a.units);
  const [first, second] = sized;
  return first && second ? { metric: first.metric, withoutIt: Math.max(minUnits, second.units) } : null;
}

/** A goal that is worse by a part of its margin: taken back by the one tolerance, let through by the other. */
function toleranceChances(input: PlanInput, unitsPerDay: number, runs: number): ToleranceChances | null {
  const { goal } = input.canary;
  const known = input.history[goal.metric];
  if (goal.claim === "superior" || !goal.margin || !known) return null;
  const worseBy = WITHIN_MARGIN * absolute(goal.margin, known.mean);
  const changes = {
    [goal.metric]: { kind: "absolute" as const, value: goal.direction === "higher" ? -worseBy : worseBy },
  };
  const under = (tolerance: Margin) => {
    const canary = { ...input.canary, goal: { ...goal, rollback_tolerance: tolerance } };
    const { promoted, rolledBack } = plannedRuns({ ...input, canary, unitsPerDay, runs, changes }, POWER);
    return { promoted, rolledBack };
  };
  return { worseBy, zero: under({ kind: "absolute", value: 0 }), margin: under(goal.margin) };
}

function planMetric(
  metric: MonitoredMetric,
  { canary, history, watch, unitsPerDay }: PlanInput,
  units: number,
  concludes: boolean,
  watched: number,
): MetricPlan {
  const { claim, spec, direction } = metric;
  const known = history[metric.metric];
  const line = { metric: metric.metric, role: metric.role, kind: spec.kind, claim };
  const nothing = {
    limit: null,
    margin: null,
    unitsNeeded: null,
    smallestMargin: null,
    smallestHarm: null,
    holdbackHarm: null,
  };
  if (!isKnown(known)) return { ...line, ...nothing, chance: claim === "harmless" ? 1 : null };
  const rate = spec.kind === "rare" || spec.kind === "proportion";
  // As in an assessment: what was seen once in a hundred units is not taken for never.
  const p = smoothedRate(known);
  const variance = rate ? p * (1 - p) : known.sd ** 2;
  const coverage = Math.min(1, Math.max(1e-6, known.coverage ?? 1));
  const relative = claim !== "superior" && metric.margin?.kind === "relative" ? metric.margin.value : 0;
  const factor = 1 + (direction === "lower" ? relative : -relative);
  const perUnit = (variance * (1 + factor * factor)) / coverage;
  const harmFoundBy = (seen: number, share: number) =>
    seen < 1
      ? null
      : (oneSidedMultiplier(Math.max(1, 2 * seen * coverage), HARM_N_STAR, HARM_ALPHA / share) +
          normalQuantile(POWER)) *
          Math.sqrt((2 * variance) / coverage / seen) +
        absolute(metric.tolerance, known.mean);
  const smallestHarm = harmFoundBy(units, watched);
  const heldBack =
    watch && unitsPerDay !== null ? (unitsPerDay * watch.holdback * watch.for_ms) / BUCKETS / DAY_MS : 0;
  const holdbackHarm = harmFoundBy(Math.floor(heldBack), watched);
  if (claim === "harmless") return { ...line, ...nothing, chance: 1, smallestHarm, holdbackHarm };

  const limit = claim === "limit" ? rareLimit(metric, expectedRate(spec, p), canary.max_units) : undefined;
  const margin =
    claim === "superior"
      ? null
      : limit
        ? limit.limit - limit.base
        : absolute(metric.margin ?? { kind: "absolute", value: 0 }, known.mean);
  const se = Math.sqrt(perUnit / canary.max_units);
  const t = concludes ? units / canary.max_units : 0;
  const test = testOf(canary.promote_by);
  const chance = margin === null ? Math.min(PROMOTION_ALPHA, test.chance(0, t)) : test.chance(margin / se, t);
  return {
    ...line,
    limit: limit ? limitSentence(metric, limit, canary.max_units) : null,
    margin,
    unitsNeeded: margin === null ? null : unitsNeeded(test, perUnit, margin, canary.max_units),
    chance,
    smallestMargin: finiteOrNull(test.drift(t) * se),
    smallestHarm,
    holdbackHarm,
  };
}

/** What a rare event will be held against: of units where their share is known, of outcomes as the next best. */
function expectedRate({ base_rate: known }: MetricSpec, rate: number) {
  return known ? ({ rate: known.rate, from: "history" } as const) : ({ rate, from: "outcomes" } as const);
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
