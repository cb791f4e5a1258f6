import { MIN_VALUES, type Direction } from "../../domain/policy/policy.ts";
import type { Margin } from "../../domain/policy/quantity.ts";
import { oneSidedMultiplier, oneSidedP } from "../inference/asymptotic-sequence.ts";
import { mixtureBinomial } from "../inference/mixture-binomial.ts";
import { contrast, type Contrast } from "../inference/stratified.ts";
import { constantArms } from "./constant-arms.ts";
import type { MonitoredMetric } from "./monitored-metric.ts";
import { events } from "./both-versions/arm-sums.ts";
import type { Observations } from "./observations.ts";
import { harmRatio, limitSentence, type RareLimit } from "./rare-limit.ts";
import { amount, comparison, difference, pValue } from "./wording.ts";
import { beyondMargin, shownLevel, shownTolerance } from "./both-versions/tolerance.ts";

export { MIN_VALUES };
/** Where the harm sequence is tightest: units of both arms together. */
export const HARM_N_STAR = 1000;

export interface HarmCheck {
  readonly state: "harm" | "ok" | "not_enough_data";
  /** Anytime p of harm beyond tolerance, to be compared with alpha; null without data. */
  readonly p: number | null;
  readonly note: string;
  /** Neither arm varies, so that nothing can be told of a difference: it holds a stage. */
  readonly unvarying?: boolean;
}

/** What rare events are held against, and the units that the rollout plans. */
export interface InForce {
  readonly limit: RareLimit | undefined;
  readonly maxUnits: number;
}

/** Is this metric worse than tolerated? Valid at every look; alpha is this metric's part of the 5 %. */
export function checkHarm(
  metric: MonitoredMetric,
  seen: Observations,
  alpha: number,
  inForce: InForce,
): HarmCheck {
  if (seen.broken)
    return {
      state: "not_enough_data",
      p: null,
      note: `${metric.metric} holds values that cannot be used (not numbers, or no rates between 0 and 1), and they stay: a rollout that is started anew does not have them`,
    };
  return metric.spec.kind === "rare" ? rareHarm(metric, seen, alpha, inForce) : meanHarm(metric, seen, alpha);
}

/** Companions of caps and silence are harm where they are more frequent at all, guardrails where they pass their limit. */
export function harmfulRatio(
  { builtIn, toleratedRatio: ratio }: MonitoredMetric,
  { limit, maxUnits }: InForce,
): number {
  return builtIn ? 1 : limit ? harmRatio(limit, maxUnits) : ratio;
}

function rareHarm(metric: MonitoredMetric, seen: Observations, alpha: number, inForce: InForce): HarmCheck {
  const candidate = events(seen, "candidate");
  const control = events(seen, "control");
  const ratio = harmfulRatio(metric, inForce);
  const result = mixtureBinomial({
    eventsCandidate: metric.direction === "lower" ? candidate : control,
    eventsControl: metric.direction === "lower" ? control : candidate,
    candidateShare: 0.5,
    toleratedRatio: ratio,
  });
  const limit = inForce.limit ? `; ${limitSentence(metric, inForce.limit, inForce.maxUnits)}` : "";
  if (!result.ok || candidate + control === 0)
    return { state: "not_enough_data", p: null, note: `no ${metric.metric} in either arm yet${limit}` };
  const harm = result.p <= alpha;
  const tolerated = ratio === 1 ? "" : ` (up to ${Number(ratio.toPrecision(2))} times as many is tolerated)`;
  const rates = comparison("rare", seen.mean, seen.units);
  return {
    state: harm ? "harm" : "ok",
    p: result.p,
    note: harm
      ? `${happens(metric)}: ${rates}${tolerated}; ${pValue(result.p)}, limit ${shownLevel(alpha)}`
      : `${metric.metric} ${rates}: no more harm than tolerated${tolerated}${limit}`,
  };
}

function happens({ metric, direction, builtIn }: MonitoredMetric): string {
  if (builtIn === "silence") return "more units of the candidate stay without any outcome";
  if (builtIn === "cap") return `more units of the candidate are over the cap (${metric})`;
  return `${metric} happens ${direction === "lower" ? "more" : "less"} often with the candidate`;
}

function meanHarm(metric: MonitoredMetric, seen: Observations, alpha: number): HarmCheck {
  const few = Math.min(seen.n.candidate, seen.n.control);
  if (few < MIN_VALUES)
    return {
      state: "not_enough_data",
      p: null,
      note: `${metric.metric} has ${few} values in its smaller arm; ${MIN_VALUES} are needed`,
    };
  const worse = beyond(seen, metric.direction, metric.tolerance);
  if (!worse) return unvarying(metric, seen, alpha);
  const p = oneSidedP(worse.z, worse.nEff, HARM_N_STAR, alpha);
  const harm = worse.z > oneSidedMultiplier(worse.nEff, HARM_N_STAR, alpha);
  const { kind } = seen;
  const sides =
    comparison(kind, seen.mean, seen.n) + (seen.log ? " (geometric means)" : "") + uncapped(metric, seen);
  const tolerated =
    metric.tolerance.value === 0
      ? ""
      : ` (up to ${shownTolerance(metric.tolerance, metric.spec)} worse is tolerated)`;
  const diff = (seen.mean.candidate ?? 0) - (seen.mean.control ?? 0);
  const within = harm && withinMargin(metric, seen) ? ", though within the margin" : "";
  return {
    state: harm ? "harm" : "ok",
    p,
    note: harm
      ? `${metric.metric} is worse with the candidate by ${difference(kind, Math.abs(diff)).replace("+", "")}${within}: ${sides}${tolerated}; ${pValue(p)}, limit ${shownLevel(alpha)}`
      : `${metric.metric} ${sides}: no proven harm${tolerated}`,
  };
}

/** Without any spread: a changed constant is harm, the same one says nothing of what could still come. */
function unvarying(metric: MonitoredMetric, seen: Observations, alpha: number): HarmCheck {
  const constant = constantArms(seen, metric.direction, inScale(metric.tolerance, metric, seen));
  const sides = comparison(seen.kind, seen.mean, seen.n);
  if (constant && constant.p <= alpha)
    return {
      state: "harm",
      p: constant.p,
      note: `${metric.metric} does not vary, and is worse with every unit of the candidate: ${sides}; ${pValue(constant.p)}, limit ${shownLevel(alpha)}`,
    };
  return {
    state: "not_enough_data",
    p: constant?.p ?? null,
    note: `${metric.metric} does not vary in either arm: ${sides}; it has to before a difference can be told`,
    unvarying: true,
  };
}

/** What a cap or a geometric mean hides, where that is more than the margin. */
export function uncapped(metric: MonitoredMetric, seen: Observations): string {
  const { candidate, control } = seen.uncapped ?? { candidate: null, control: null };
  if (candidate === null || control === null || seen.mean.candidate === null || seen.mean.control === null)
    return "";
  const shown = seen.mean.candidate / seen.mean.control;
  const whole = candidate / control;
  const margin =
    metric.margin?.kind === "relative"
      ? metric.margin.value
      : size(metric.margin ?? metric.tolerance, 1 / control);
  if (!(Math.abs(whole - shown) > margin)) return "";
  return ` (uncapped ${amount(seen.kind, candidate)} against ${amount(seen.kind, control)})`;
}

function withinMargin({ margin, direction }: MonitoredMetric, seen: Observations): boolean {
  const { candidate, control } = seen.mean;
  if (!margin || candidate === null || control === null) return false;
  return (direction === "lower" ? candidate - control : control - candidate) <= size(margin, control);
}

/** A margin in the metric's own unit. */
function size(margin: Margin, control: number): number {
  return margin.kind === "relative" ? margin.value * Math.abs(control) : margin.value;
}

/** How much worse a margin lets a metric be, in the scale that it is compared in: of logarithms where that is `log`. */
export function inScale(
  margin: Margin,
  { direction }: Pick<MonitoredMetric, "direction">,
  seen: Observations,
): number {
  return seen.log ? logMargin(margin, direction) : size(margin, seen.mean.control ?? 0);
}

/** A relative margin as a difference of logarithms. */
function logMargin({ value }: Margin, direction: Direction): number {
  return direction === "lower" ? Math.log1p(value) : -Math.log1p(-Math.min(value, 1 - 1e-9));
}

/** {@link beyondMargin}, of logarithms where the metric is one of logarithms. */
export function beyond(seen: Observations, direction: Direction, margin: Margin): Contrast | undefined {
  if (!seen.log) return beyondMargin(seen, direction, margin);
  const sign = direction === "lower" ? 1 : -1;
  return contrast(seen.strata, sign, -sign, -logMargin(margin, direction));
}
