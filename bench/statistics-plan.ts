/** What a plan says before a rollout against what such rollouts then take: units and days for a harmless version. */
import { UNANSWERED } from "../src/domain/rollout/measurements.ts";
import type { CanaryPolicy, Goal, MetricSpec } from "../src/domain/policy/policy.ts";
import type { Margin } from "../src/domain/policy/quantity.ts";
import { DAY_MS, lookInterval } from "../src/statistics/planning/enrolment.ts";
import { plan } from "../src/statistics/planning/plan.ts";
import type { MetricHistory } from "../src/statistics/planning/planned-runs.ts";
import { seededRandom } from "../src/statistics/planning/seeded-random.ts";
import type { MetricScenario } from "../src/statistics/planning/imagined-units.ts";
import { simulateRun } from "../src/statistics/planning/simulate.ts";
import type { BenchOptions, Row } from "./row.ts";

const HOUR_MS = 3_600_000;
const absolute = (value: number): Margin => ({ kind: "absolute", value });
const relative = (value: number): Margin => ({ kind: "relative", value });
const spec = (kind: MetricSpec["kind"], window_ms = 60_000): MetricSpec => ({ kind, window_ms });
const goal = (metric: string, margin: number): Goal => ({
  metric,
  direction: "higher",
  claim: "non_inferior",
  margin: absolute(margin),
});
const rail = (metric: string) => ({ metric, direction: "lower" as const, margin: relative(0.1) });

interface Case {
  readonly name: string;
  readonly unitsPerDay: number;
  readonly canary: Partial<CanaryPolicy> & { readonly goal: Goal };
  readonly metrics: Readonly<Record<string, MetricSpec>>;
  readonly truth: Readonly<Record<string, MetricScenario>>;
}

const SUCCESS = { success: spec("proportion") };
const AT_80 = { success: { baseline: { rate: 0.8 } } };
const latency = (sd: number) => ({ latency: { baseline: { mean: 2000, sd }, skewed: true } });
const success = (margin: number, unitsPerDay = 5000): Omit<Case, "name"> => ({
  unitsPerDay,
  canary: { goal: goal("success", margin) },
  metrics: SUCCESS,
  truth: AT_80,
});
const OTHERS = ["tokens_in", "tokens_out", "cost"];

const CASES: readonly Case[] = [
  { name: "80 %, margin 5 points", ...success(0.05) },
  { name: "80 %, margin 3 points", ...success(0.03) },
  { name: "80 %, margin 2 points", ...success(0.02) },
  ...[1500, 4000].map((sd) => ({
    name: `with latency 2000 ± ${sd}, margin 10 %`,
    unitsPerDay: 5000,
    canary: { goal: goal("success", 0.05), guardrails: [rail("latency")] },
    metrics: { ...SUCCESS, latency: spec("mean") },
    truth: { ...AT_80, ...latency(sd) },
  })),
  {
    name: "five metrics",
    unitsPerDay: 5000,
    canary: { goal: goal("success", 0.05), guardrails: ["latency", ...OTHERS].map(rail) },
    metrics: {
      ...SUCCESS,
      ...Object.fromEntries(["latency", ...OTHERS].map((name) => [name, spec("mean")])),
    },
    truth: {
      ...AT_80,
      ...latency(1500),
      ...Object.fromEntries(OTHERS.map((name) => [name, { baseline: { mean: 1, sd: 1.6 }, skewed: true }])),
    },
  },
  {
    name: "a rating that 3 % give, margin 0.1",
    unitsPerDay: 50_000,
    canary: { goal: goal("rating", 0.1) },
    metrics: { rating: spec("mean") },
    truth: { rating: { baseline: { mean: 4, sd: 1 }, coverage: 0.03 } },
  },
  {
    name: "a rating with a window of 24 h",
    unitsPerDay: 5000,
    canary: { goal: goal("rating", 0.1) },
    metrics: { rating: spec("mean", 24 * HOUR_MS) },
    truth: { rating: { baseline: { mean: 4, sd: 1 }, coverage: 0.3 } },
  },
  { name: "200 users a day", ...success(0.05, 200) },
  { name: "50 users a day", ...success(0.05, 50) },
  { name: "5 million users a day", ...success(0.05, 5e6) },
];

/** As many on every machine: of forty, the days that 80 % take are off by a sixth. */
const RUNS = 250;
const QUANTILE = 0.8;
const WITHIN = 0.1;

/** A row a case: days as planned over days as they come, and whether units agree as well. */
export function planRows({ seed, progress }: BenchOptions): readonly Row[] {
  return CASES.map((one, index): Row => {
    progress(`plan: ${one.name}…`);
    // Not the stream of chance that the plan itself draws from.
    return planRow(one, seed + 100 + index);
  });
}

function planRow({ name, unitsPerDay, metrics, truth, ...given }: Case, seed: number): Row {
  const canary: CanaryPolicy = { ...CANARY, ...given.canary };
  const all = {
    ...metrics,
    [UNANSWERED]: spec("rare", Math.max(...Object.values(metrics).map((m) => m.window_ms))),
  };
  const planned = plan({ canary, metrics: all, history: historyOf(truth), unitsPerDay });
  const lookEveryMs = lookInterval(canary, unitsPerDay);
  const random = seededRandom(seed);
  const units: number[] = [];
  const days: number[] = [];
  let runs = 0;
  while (runs < RUNS) {
    const unitsPerLook = (unitsPerDay * lookEveryMs) / DAY_MS;
    const run = simulateRun({ canary, metrics: all, scenario: truth, unitsPerLook, lookEveryMs }, random);
    runs++;
    if (run.verdict !== "promote") continue;
    units.push(run.units);
    days.push(run.elapsedMs / DAY_MS);
  }
  const nth = (some: readonly number[]) => some.toSorted((a, b) => a - b)[Math.ceil(QUANTILE * runs) - 1];
  const [seenUnits, seenDays] = [nth(units), nth(days)];
  const off = (said: number | null, seen: number) => Math.abs((said ?? Infinity) / seen - 1);
  // Where fewer than 80 % are ever promoted, that is what a plan has to say.
  const met =
    seenUnits === undefined || seenDays === undefined
      ? Math.abs((planned.harmlessPromoted ?? 1) - units.length / runs) <= WITHIN
      : off(planned.unitsPerArm, seenUnits) <= WITHIN && off(planned.days, seenDays) <= WITHIN;
  return {
    work: `plan, ${name}: days for 80 % of harmless versions`,
    ours: seenDays === undefined ? null : planned.days,
    unit: "days",
    peer: seenDays ?? null,
    peerName: "simulated",
    limit: null,
    ratio: seenDays === undefined || planned.days === null ? null : planned.days / seenDays,
    goal: null,
    met,
    runs,
    note:
      seenUnits === undefined
        ? `promoted ${(100 * (planned.harmlessPromoted ?? 0)).toFixed(0)} % as planned, ${((100 * units.length) / runs).toFixed(0)} % simulated`
        : `units an arm ${planned.unitsPerArm} planned, ${seenUnits} simulated`,
  };
}

function historyOf(truth: Case["truth"]): Record<string, MetricHistory> {
  return Object.fromEntries(
    Object.entries(truth).map(([name, { baseline, coverage = 1 }]) => [
      name,
      "rate" in baseline
        ? { n: 1e5, mean: baseline.rate, sd: Math.sqrt(baseline.rate * (1 - baseline.rate)), coverage }
        : { n: 1e5, ...baseline, coverage },
    ]),
  );
}

const CANARY: Omit<CanaryPolicy, "goal"> = {
  stages: [
    { share: 500, dwell_ms: HOUR_MS },
    { share: 2500, dwell_ms: 4 * HOUR_MS },
    { share: 5000, dwell_ms: 0 },
  ],
  interval_ms: 30_000,
  min_units: 100,
  max_units: 9000,
  max_duration_ms: 14 * DAY_MS,
  guardrails: [],
  fuses: [],
  promote_by: "group_sequential",
  on_inconclusive: "rollback",
  lease_ms: 300_000,
};
