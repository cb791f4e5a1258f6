import type { BaseRate } from "../../domain/rollout/verdict.ts";
import type { MonitoredMetric } from "./monitored-metric.ts";
import { events } from "./both-versions/arm-sums.ts";
import type { Observations } from "./observations.ts";
import { count, percent } from "./wording.ts";

/** The limit that a rare event is held against, and the form in which it is shown to be kept. */
export interface RareLimit {
  /** Share of units with an event, before. */
  readonly base: number;
  readonly from: BaseRate["from"] | "outcomes";
  readonly ratio: number;
  /** As a share of the units. */
  readonly increase: number;
  /** `max(ratio · base, base + increase)`, 1 at most. */
  readonly limit: number;
  /** The one test that is used: chosen by the base rate before, as the better of two would err too often. */
  readonly form: "difference" | "ratio";
}

/** Events of the control that its own share can be built on. */
const ENOUGH_EVENTS = 30;
/** The increase that is tolerated at most where nothing is said. */
const DEFAULT_INCREASE = 0.005;
/** Standard errors between no difference and the limit with which it is shown nine times of ten. */
const SHOWABLE = 3.3;

/**
 * What the event was like before: known from history, else from the control once it has enough events, else the
 * control's share when the last stage has its minimum of units, until those events have come. Undefined until then.
 */
export function baseRate(
  { spec }: MonitoredMetric,
  seen: Observations,
  known: BaseRate | undefined,
  lastStage: { readonly minUnits: number } | undefined,
): BaseRate | undefined {
  if (known && known.from !== "last_stage") return known;
  if (spec.base_rate) return { rate: spec.base_rate.rate, from: "history" };
  const units = seen.units.control;
  const happened = events(seen, "control");
  if (!seen.broken && happened >= ENOUGH_EVENTS) return { rate: happened / units, from: "control" };
  if (known) return known;
  return !seen.broken && lastStage && units >= lastStage.minUnits
    ? { rate: happened / units, from: "last_stage" }
    : undefined;
}

/** The increase of a share that so many units an arm can show: of an event never seen, too. */
export function showableIncrease(base: number, maxUnits: number): number {
  const share = Math.min(0.5, Math.max(base, 5 / maxUnits));
  return SHOWABLE * Math.sqrt((2 * share * (1 - share)) / maxUnits);
}

export function rareLimit(
  metric: MonitoredMetric,
  { rate, from }: { readonly rate: number; readonly from: RareLimit["from"] },
  maxUnits: number,
): RareLimit {
  const { toleratedRatio: ratio, builtIn, toleratedIncrease } = metric;
  const showable = showableIncrease(rate, maxUnits);
  const unsaid =
    // Nobody has asked for a companion of a cap: it must not stop a harmless version of a short canary.
    builtIn === "cap"
      ? Math.max(DEFAULT_INCREASE, showable)
      : from === "last_stage"
        ? DEFAULT_INCREASE
        : Math.min(DEFAULT_INCREASE, showable);
  const increase = toleratedIncrease ?? unsaid;
  // Where both could be used, the one that shows more: the ratio's score is smaller by √ratio for the same distance.
  const byDifference =
    increase > 0 && (from === "last_stage" || rate * (ratio - 1) <= increase * Math.sqrt(ratio));
  return {
    base: rate,
    from,
    ratio,
    increase,
    limit: Math.min(1, Math.max(ratio * rate, rate + increase)),
    form: byDifference ? "difference" : "ratio",
  };
}

/** The risk ratio above which it is harm: the limit over what was before. */
export function harmRatio(limit: RareLimit, maxUnits: number): number {
  return Math.max(limit.ratio, limit.limit / Math.max(limit.base, 5 / maxUnits));
}

const SOURCES = {
  history: "as the units of the last 30 days had it",
  control: "as the control's first units had it",
  last_stage: "as the control had it when the last stage began",
  outcomes: "of the outcomes so far; the units' own share will be taken",
} as const;

/** `error at most 0.26 %, 2.6 times today's 0.1 % (…): 1.5 times cannot be shown with 9,000 units an arm`. */
export function limitSentence(metric: MonitoredMetric, limit: RareLimit, maxUnits: number): string {
  const { base, ratio, increase, from } = limit;
  const raised = base + increase > ratio * base;
  const times =
    base > 0 ? `${Number((limit.limit / base).toPrecision(2))} times today's ` : "today's share is ";
  const why =
    !raised || ratio === 1
      ? ""
      : metric.toleratedIncrease !== undefined
        ? `: ${percent(increase)} of the units more is tolerated`
        : `: ${ratio} times cannot be shown with ${count(maxUnits)} units an arm`;
  return `${metric.metric} at most ${percent(limit.limit)}, ${times}${percent(base)} (${SOURCES[from]})${why}`;
}
