import { recordedMetrics } from "../../domain/policy/policy.ts";
import type { BaseRate } from "../../domain/rollout/verdict.ts";
import type { AssessmentInput } from "./assessment-input.ts";
import { checkHarm } from "./harm.ts";
import { marginLeft } from "./ledger.ts";
import type { Line } from "./line.ts";
import { monitored, type MonitoredMetric } from "./monitored-metric.ts";
import { cellsByMetric } from "./both-versions/arm-sums.ts";
import { observe, type Observations } from "./observations.ts";
import { boundaryAt, checkClaim } from "./promotion.ts";
import { baseRate, rareLimit } from "./rare-limit.ts";
import { fewestUnits } from "./stage-gates.ts";

/** Harm, over all monitored metrics and every look: the share of harmless versions rolled back. */
export const HARM_ALPHA = 0.05;

/** All that is known at one look, before anything is decided by it. */
export interface Gathered {
  readonly watched: readonly MonitoredMetric[];
  /** Of every metric that is monitored or that a fuse looks at. */
  readonly observations: ReadonlyMap<string, Observations>;
  readonly lines: readonly Line[];
  /** Closed units of the slowest metric in its smaller arm. */
  readonly closed: number;
  /** Closed units over those planned, 0 to 1. */
  readonly information: number;
  readonly lastStage: boolean;
  /** The score that a claim has to reach; null where this is no moment to promote. */
  readonly boundary: number | null;
  /** Each metric's part of the level of harm. */
  readonly alpha: number;
  readonly baseRates: Readonly<Record<string, BaseRate>>;
}

export function gather(input: AssessmentInput): Gathered {
  const { canary, metrics } = input;
  const cells = cellsByMetric(input.cells);
  const watched = monitored(canary, metrics);
  const observations = new Map<string, Observations>();
  for (const { metric, spec } of watched) observations.set(metric, observe(metric, spec, cells.get(metric)));
  for (const name of recordedMetrics(canary))
    if (!observations.has(name))
      observations.set(name, observe(name, metrics[name] ?? { kind: "mean" }, cells.get(name)));

  const closed = fewestUnits(watched.map(({ metric }) => observations.get(metric)!)).units;
  const information = Math.min(1, closed / Math.max(1, canary.max_units));
  const lastStage = input.mode === "canary" && input.stage >= canary.stages.length - 1;
  const boundary = lastStage ? boundaryAt(canary.promote_by, information, input.attempt) : null;
  // Where harm to a few is looked for as well, that has the other half.
  const toAll = canary.segments ? HARM_ALPHA / 2 : HARM_ALPHA;
  const alpha = toAll / watched.length;
  const baseRates: Record<string, BaseRate> = {};
  const lines = watched.map((metric): Line => {
    const seen = observations.get(metric.metric)!;
    const known = input.baseRates?.[metric.metric];
    const begun = lastStage ? { minUnits: Math.min(canary.min_units, canary.max_units) } : undefined;
    const base = metric.claim === "limit" ? baseRate(metric, seen, known, begun) : undefined;
    if (base) baseRates[metric.metric] = base;
    const limit = base && rareLimit(metric, base, canary.max_units);
    const harm = checkHarm(metric, seen, alpha, { limit, maxUnits: canary.max_units });
    const left = marginLeft(metric, canary, input.ledger?.metrics[metric.metric], input.ledger?.anchorName);
    return {
      metric,
      seen,
      harm,
      claim: lastStage ? checkClaim(metric, seen, boundary, limit, metric.claim, left?.margin) : undefined,
      left,
      limit,
    };
  });
  return { watched, observations, lines, closed, information, lastStage, boundary, alpha, baseRates };
}
