import { oneSidedMultiplier, oneSidedP } from "../../inference/asymptotic-sequence.ts";
import { mixtureBinomial } from "../../inference/mixture-binomial.ts";
import { contrast } from "../../inference/stratified.ts";
import type { MonitoredMetric } from "./monitored-metric.ts";
import { events } from "../both-versions/arm-sums.ts";
import type { Observations } from "./observations.ts";
import { comparison, difference, pValue } from "../wording.ts";
import { beyondMargin, shownLevel, shownTolerance } from "../both-versions/tolerance.ts";

/** Units an arm with a value before a mean can be called harmful. */
export const MIN_VALUES = 30;
/** Where the harm sequence is tightest: units of both arms together. */
export const HARM_N_STAR = 1000;

export interface HarmCheck {
  readonly state: "harm" | "ok" | "not_enough_data";
  /** Anytime p of harm beyond tolerance, to be compared with alpha; null without data. */
  readonly p: number | null;
  readonly note: string;
}

/** Is this metric worse than tolerated? Valid at every look; alpha is this metric's part of the 5 %. */
export function checkHarm(metric: MonitoredMetric, seen: Observations, alpha: number): HarmCheck {
  if (seen.broken)
    return {
      state: "not_enough_data",
      p: null,
      note: `${metric.metric} holds values that cannot be used (not numbers, or no rates between 0 and 1)`,
    };
  return metric.spec.kind === "rare" ? rareHarm(metric, seen, alpha) : meanHarm(metric, seen, alpha);
}

function rareHarm(metric: MonitoredMetric, seen: Observations, alpha: number): HarmCheck {
  const candidate = events(seen, "candidate");
  const control = events(seen, "control");
  const result = mixtureBinomial({
    eventsCandidate: metric.direction === "lower" ? candidate : control,
    eventsControl: metric.direction === "lower" ? control : candidate,
    candidateShare: 0.5,
    toleratedRatio: metric.toleratedRatio,
  });
  if (!result.ok || candidate + control === 0)
    return { state: "not_enough_data", p: null, note: `no ${metric.metric} in either arm yet` };
  const harm = result.p <= alpha;
  const limit =
    metric.toleratedRatio === 1 ? "" : ` (up to ${metric.toleratedRatio} times as many is tolerated)`;
  const rates = comparison("rare", seen.mean, seen.units);
  return {
    state: harm ? "harm" : "ok",
    p: result.p,
    note: harm
      ? `${metric.metric} happens ${metric.direction === "lower" ? "more" : "less"} often with the candidate: ${rates}${limit}; ${pValue(result.p)}, limit ${shownLevel(alpha)}`
      : `${metric.metric} ${rates}: no more harm than tolerated${limit}`,
  };
}

function meanHarm(metric: MonitoredMetric, seen: Observations, alpha: number): HarmCheck {
  const few = Math.min(seen.n.candidate, seen.n.control);
  if (few < MIN_VALUES)
    return {
      state: "not_enough_data",
      p: null,
      note: `${metric.metric} has ${few} values in its smaller arm; ${MIN_VALUES} are needed`,
    };
  const worse = beyondMargin(seen, metric.direction, metric.tolerance);
  if (!worse)
    return { state: "not_enough_data", p: null, note: `${metric.metric} does not vary in either arm` };
  const p = oneSidedP(worse.z, worse.nEff, HARM_N_STAR, alpha);
  const harm = worse.z > oneSidedMultiplier(worse.nEff, HARM_N_STAR, alpha);
  const { kind } = metric.spec;
  const sides = comparison(kind, seen.mean, seen.n);
  const tolerated =
    metric.tolerance.value === 0
      ? ""
      : ` (up to ${shownTolerance(metric.tolerance, metric.spec)} worse is tolerated)`;
  const diff = contrast(seen.strata, 1, -1)?.value ?? 0;
  return {
    state: harm ? "harm" : "ok",
    p,
    note: harm
      ? `${metric.metric} is worse with the candidate by ${difference(kind, Math.abs(diff)).replace("+", "")}: ${sides}${tolerated}; ${pValue(p)}, limit ${shownLevel(alpha)}`
      : `${metric.metric} ${sides}: no proven harm${tolerated}`,
  };
}
