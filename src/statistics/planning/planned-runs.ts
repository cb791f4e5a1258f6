import type { CanaryPolicy, MetricKind, MetricSpec } from "../../domain/policy/policy.ts";
import type { Margin } from "../../domain/policy/quantity.ts";
import { DAY_MS, lookInterval } from "./enrolment.ts";
import { seededRandom } from "./seeded-random.ts";
import type { MetricScenario } from "./imagined-units.ts";
import { simulateRun } from "./simulate.ts";

/** What is known of a metric under the version that serves now, between units. */
export interface MetricHistory {
  readonly n: number;
  readonly mean: number;
  /** Not needed for 0/1 metrics. */
  readonly sd: number;
  /** Part of the units that carry a value; 1 unless known. */
  readonly coverage?: number;
}

export interface PlannedRuns {
  /** Shares of the runs, 0 to 1; the rest was inconclusive. */
  readonly promoted: number;
  readonly rolledBack: number;
  /** Candidate units exposed, and days, by which so many of all runs were promoted; null: fewer ever were. */
  readonly unitsPerArm: number | null;
  readonly days: number | null;
}

export interface RunsToPlan {
  readonly canary: CanaryPolicy;
  readonly metrics: Readonly<Record<string, MetricSpec>>;
  readonly history: Readonly<Record<string, MetricHistory>>;
  readonly unitsPerDay: number;
  readonly runs: number;
  /** What the candidate changes; nothing by default. */
  readonly changes?: Readonly<Record<string, Margin>>;
}

const SEED = 1;

/**
 * The policy run many times in the world that the history describes, by the code that decides real rollouts:
 * all metrics together, units counted when their window has closed, false alarms taken off. The same input
 * gives the same result.
 */
export function plannedRuns(input: RunsToPlan, quantile: number): PlannedRuns {
  const { canary, metrics, history, unitsPerDay, runs, changes = {} } = input;
  const lookEveryMs = lookInterval(canary, unitsPerDay);
  const scenario = Object.fromEntries(
    Object.entries(history).map(([name, known]) => [
      name,
      scenarioOf(metrics[name]?.kind ?? "mean", known, changes[name]),
    ]),
  );
  const random = seededRandom(SEED);
  const unitsPerLook = (unitsPerDay * lookEveryMs) / DAY_MS;
  const promoted: { units: number; elapsedMs: number }[] = [];
  let rolledBack = 0;
  for (let i = 0; i < runs; i++) {
    const run = simulateRun({ canary, metrics, scenario, unitsPerLook, lookEveryMs }, random);
    if (run.verdict === "promote") promoted.push(run);
    else if (run.verdict === "harm" || run.verdict === "fuse" || run.verdict === "invalid") rolledBack++;
  }
  const at = Math.ceil(quantile * runs) - 1;
  const nth = (values: readonly number[]) => values.toSorted((a, b) => a - b)[at] ?? null;
  const elapsed = nth(promoted.map(({ elapsedMs }) => elapsedMs));
  return {
    promoted: promoted.length / runs,
    rolledBack: rolledBack / runs,
    unitsPerArm: nth(promoted.map(({ units }) => units)),
    days: elapsed === null ? null : elapsed / DAY_MS,
  };
}

/** Over this part of a positive mean, a standard deviation is that of a long tail. */
const TAIL = 0.5;

function scenarioOf(kind: MetricKind, known: MetricHistory, change: Margin | undefined): MetricScenario {
  const { mean, sd, coverage = 1 } = known;
  const more = { coverage, ...(change && { change }) };
  if (kind === "rare" || kind === "proportion") return { baseline: { rate: smoothedRate(known) }, ...more };
  return { baseline: { mean, sd }, skewed: mean > 0 && sd > TAIL * mean, ...more };
}

/** What was never seen, or always, in so many units is taken for nearly so: as in an assessment. */
export function smoothedRate({ n, mean }: MetricHistory): number {
  return (mean * n + 1) / (n + 2);
}
