/** The whole rollout policy against imagined truths: this design beside rules that are often used instead. */
import type { CanaryPolicy, MetricSpec } from "../src/domain/policy/policy.ts";
import type { Margin } from "../src/domain/policy/quantity.ts";
import type { Cell } from "../src/domain/rollout/verdict.ts";
import { assess, type AssessmentInput } from "../src/statistics/decision/assessment.ts";
import {
  asymptoticSequence,
  mergeMoments,
  NO_MOMENTS,
  tTail,
  type Moments,
} from "../src/statistics/index.ts";
import { seededRandom } from "../src/statistics/planning/seeded-random.ts";
import type { MetricScenario } from "../src/statistics/planning/imagined-units.ts";
import { simulateRun, type Decide, type SimulatedRun } from "../src/statistics/planning/simulate.ts";
import { combine } from "../src/statistics/inference/welch.ts";

const absolute = (value: number): Margin => ({ kind: "absolute", value });
const relative = (value: number): Margin => ({ kind: "relative", value });

/** 200 units a tick; 5 % for 30 ticks, 25 % for 30, then 50 % to 9,000 an arm. */
export const CANARY: CanaryPolicy = {
  stages: [
    { share: 500, dwell_ms: 30 },
    { share: 2500, dwell_ms: 30 },
    { share: 5000, dwell_ms: 0 },
  ],
  interval_ms: 1,
  min_units: 100,
  max_units: 9000,
  max_duration_ms: 1_000_000,
  goal: { metric: "success", direction: "higher", claim: "non_inferior", margin: absolute(0.02) },
  guardrails: [
    { metric: "latency_ms", direction: "lower", margin: relative(0.1) },
    { metric: "error", direction: "lower", margin: absolute(0.005) },
  ],
  fuses: [],
  promote_by: "group_sequential",
  on_inconclusive: "rollback",
  lease_ms: 1,
};

export const METRICS: Readonly<Record<string, MetricSpec>> = {
  success: { kind: "proportion", window_ms: 0 },
  latency_ms: { kind: "mean", window_ms: 0 },
  error: { kind: "rare", window_ms: 0 },
};

export const TRUTHS = [
  "no difference",
  "-2 pp (at the margin)",
  "-10 pp",
  "-20 pp",
  "errors 1 -> 10 %",
  "no difference, drifting baseline",
] as const;
export type Truth = (typeof TRUTHS)[number];

export function truthOf(name: Truth): Readonly<Record<string, MetricScenario>> {
  const same: Record<string, MetricScenario> = {
    success: { baseline: { rate: 0.8 } },
    latency_ms: { baseline: { mean: 1000, sd: 800 }, skewed: true },
    error: { baseline: { rate: 0.01 } },
  };
  const success = (change: number) => ({
    ...same,
    success: { baseline: { rate: 0.8 }, change: absolute(change) },
  });
  switch (name) {
    case "no difference":
      return same;
    case "-2 pp (at the margin)":
      return success(-0.02);
    case "-10 pp":
      return success(-0.1);
    case "-20 pp":
      return success(-0.2);
    case "errors 1 -> 10 %":
      return { ...same, error: { baseline: { rate: 0.01 }, change: absolute(0.09) } };
    case "no difference, drifting baseline":
      return { ...same, success: { baseline: { rate: 0.8 }, drift: [0.02, 0, -0.02] } };
  }
}

export const DECIDERS = ["this design", "welch every look", "asymptotic sequence"] as const;
export type Decider = (typeof DECIDERS)[number];

const RULES: Readonly<Record<Decider, Decide>> = {
  "this design": assess,
  "welch every look": peekingWelch,
  "asymptotic sequence": sequenceAlone,
};

/** Runs one truth under one rule until `runs` are done or `until` (performance.now()) has come. */
export function runPolicy(options: {
  readonly truth: Truth;
  readonly decider: Decider;
  readonly runs: number;
  readonly until: number;
  readonly seed: number;
}): readonly SimulatedRun[] {
  const simulation = {
    canary: CANARY,
    metrics: METRICS,
    scenario: truthOf(options.truth),
    unitsPerLook: 200,
  };
  const random = seededRandom(options.seed);
  const runs: SimulatedRun[] = [];
  while (runs.length < options.runs && (runs.length < 20 || performance.now() < options.until))
    runs.push(simulateRun(simulation, random, RULES[options.decider]));
  return runs;
}

/** Both arms of a metric with the stages pooled, as who does not think of epochs compares them. */
function pooled(
  cells: readonly Cell[],
  metric: string,
): { readonly candidate: Moments; readonly control: Moments } {
  let [candidate, control] = [NO_MOMENTS, NO_MOMENTS];
  for (const cell of cells)
    if (cell.metric === metric && cell.arm === "candidate") candidate = mergeMoments(candidate, cell);
    else if (cell.metric === metric) control = mergeMoments(control, cell);
  return { candidate, control };
}

function worse(cells: readonly Cell[], metric: string, direction: "higher" | "lower") {
  const { candidate, control } = pooled(cells, metric);
  if (Math.min(candidate.n, control.n) < 30 || candidate.m2 + control.m2 === 0) return undefined;
  const sign = direction === "lower" ? 1 : -1;
  const { se, df } = combine(
    candidate.m2 / (candidate.n - 1) / candidate.n,
    candidate.n,
    control.m2 / (control.n - 1) / control.n,
    control.n,
  );
  return {
    harm: sign * (candidate.mean - control.mean),
    se,
    df,
    n: candidate.n + control.n,
    control: control.mean,
  };
}

function advance({ canary, stage, dwellMs }: AssessmentInput) {
  const more = stage < canary.stages.length - 1 && dwellMs >= canary.stages[stage]!.dwell_ms;
  return { verdict: more ? ("advance" as const) : ("continue" as const) };
}

/** Rolls back at the first p < .05 in the wrong direction, promotes what is left at the end. */
function peekingWelch(input: AssessmentInput): ReturnType<Decide> {
  const { canary, cells } = input;
  let units = 0;
  for (const { metric, direction } of [canary.goal, ...canary.guardrails]) {
    const seen = worse(cells, metric, direction);
    if (seen && seen.harm > 1.9 * seen.se && 2 * tTail(seen.harm / seen.se, seen.df) < 0.05)
      return { verdict: "harm" };
    units = (seen?.n ?? 0) / 2;
  }
  return units >= canary.max_units ? { verdict: "promote" } : advance(input);
}

/** One two-sided 95 % sequence (n* 5000) for everything: harm when it excludes 0, promotion by margins. */
function sequenceAlone(input: AssessmentInput): ReturnType<Decide> {
  const { canary, cells, stage } = input;
  let proven = true;
  let units = 0;
  for (const { metric, direction, margin } of [canary.goal, ...canary.guardrails]) {
    const seen = worse(cells, metric, direction);
    units = (seen?.n ?? 0) / 2;
    const band =
      seen && asymptoticSequence({ diff: seen.harm, se: seen.se, nEff: seen.n, nStar: 5000, alpha: 0.05 });
    if (!band?.ok) proven = false;
    else {
      if (band.low > 0) return { verdict: "harm" };
      const accepted = margin!.kind === "relative" ? margin!.value * seen!.control : margin!.value;
      proven &&= band.high < accepted;
    }
  }
  if (proven && stage === canary.stages.length - 1) return { verdict: "promote" };
  return units >= canary.max_units ? { verdict: "inconclusive" } : advance(input);
}
