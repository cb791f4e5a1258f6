/** What feeds a decision: each scenario of an attack on version 2 of the rules, by both versions. */
import { overCap, UNANSWERED } from "../src/domain/rollout/measurements.ts";
import type { CanaryPolicy } from "../src/domain/policy/policy.ts";
import type { BenchOptions, Row } from "./row.ts";
import { absolute, CANARY, METRICS, relative, spec, world } from "./statistics-base.ts";
import { gateRows } from "./statistics-gate.ts";
import { ledgerRows } from "./statistics-ledger.ts";
import { median, share, type Scenario } from "./statistics-scenario.ts";
import { each, rate, type World } from "./statistics-world.ts";

/** So many of the candidate's units fail by never answering in time. */
const silent = (part: number): World =>
  world((arm, n, draw) => {
    const gone = arm === "candidate" ? draw.binomial(n, part) : 0;
    return { [UNANSWERED]: oneOf(n, gone), success: rate(draw, n, 0.8, 1 - gone / n) };
  });
const oneOf = (n: number, x: number) => ({ n, mean: x / n, m2: (x * (n - x)) / n });

/** So many of the candidate's values are lost, of users who were not helped, while an outcome comes; margin 2 points. */
const lost = (part: number): World =>
  world(lostValues(part), {
    canary: { ...CANARY, goal: { ...CANARY.goal, margin: absolute(0.02) } },
  });
function lostValues(part: number): World["says"] {
  return (arm, n, draw) => {
    const gone = arm === "candidate" ? draw.binomial(n, part) : 0;
    const x = draw.binomial(n - gone, 0.8);
    return { success: { n: n - gone, mean: x / (n - gone), m2: (x * (n - gone - x)) / (n - gone) } };
  };
}

const COST_CAP = Math.exp(2.326 * 0.8);
/** 0.5 % of the users cost 200 times as much, which doubles the bill; capped at what 99 % of users cost before. */
const bill = world(
  (arm, n, draw) => {
    const costs = Array.from({ length: n }, () => {
      const usual = Math.exp(0.8 * draw.normal());
      return arm === "candidate" && draw.binomial(1, 0.005) === 1 ? 200 * usual : usual;
    });
    const over = costs.filter((cost) => cost > COST_CAP).length;
    return {
      cost_usd: each(n, (i) => Math.min(COST_CAP, costs[i]!)),
      [overCap("cost_usd")]: oneOf(n, over),
    };
  },
  {
    canary: { ...CANARY, guardrails: [{ metric: "cost_usd", direction: "lower", margin: relative(0.1) }] },
    metrics: { ...METRICS, cost_usd: spec("mean", { cap: COST_CAP }) },
  },
);

/** An error that was so frequent before, and so many times as frequent now. */
function errors(base: number, times: number): World {
  return world((arm, n, draw) => ({ error: rate(draw, n, arm === "candidate" ? base * times : base) }), {
    canary: {
      ...CANARY,
      guardrails: [{ metric: "error", direction: "lower", tolerated_ratio: 1.5 }],
      min_units: 600,
    },
    metrics: {
      ...METRICS,
      error: spec("rare", { base_rate: { rate: base, units: 30_000, events: 30_000 * base } }),
    },
    step: 300,
  });
}

/** The limit of 1.5 times, or of what 9,000 units an arm can show where that is more. */
function limitOf(base: number): number {
  return Math.max(1.5, 1 + Math.min(0.005, 3.3 * Math.sqrt((2 * base * (1 - base)) / 9000)) / base);
}

const fuseCanary: CanaryPolicy = {
  ...CANARY,
  max_units: 1e9,
  goal: { ...CANARY.goal, margin: absolute(1e-6) },
  fuses: [{ metric: "error", above: 0.2, ticks: 2 }],
};
/** A fuse at 20 %, until so many units are seen. */
const fuse = (failing: number, units: number, step: number): World =>
  world(
    (arm, n, draw) => ({ error: rate(draw, n, arm === "candidate" ? failing : Math.min(failing, 0.01)) }),
    {
      canary: { ...fuseCanary, max_units: units, min_units: 1 },
      metrics: { ...METRICS, error: spec("rare") },
      step,
    },
  );

const few: World = world(() => ({}), {
  canary: { ...CANARY, segments: ["language"] },
  step: 50,
  says: (arm, n, draw) => ({
    success: rate(draw, n, arm === "candidate" ? 0.834 : 0.85),
    [UNANSWERED]: rate(draw, n, 0),
  }),
  segment: (arm, n, draw) => {
    const units = draw.binomial(n, 0.02);
    return { units, says: { success: rate(draw, units, arm === "candidate" ? 0.05 : 0.85) } };
  },
});

/** Latency whose logarithm has a standard deviation of 1.5: as many units as geometric means need for 80 %. */
const slow = (scale: "log" | undefined): World =>
  world(
    (_, n, draw) => ({
      latency_ms: each(n, () => (scale ? 1.5 * draw.normal() : Math.exp(1.5 * draw.normal()))),
    }),
    {
      canary: {
        ...CANARY,
        max_units: 4100,
        goal: { metric: "latency_ms", direction: "lower", claim: "non_inferior", margin: relative(0.1) },
      },
      metrics: { latency_ms: spec("mean", scale && { scale }), [UNANSWERED]: spec("rare") },
    },
  );

const worse = (points: number, tolerance: number): World =>
  world((arm, n, draw) => ({ success: rate(draw, n, arm === "candidate" ? 0.8 - points : 0.8) }), {
    canary: { ...CANARY, goal: { ...CANARY.goal, rollback_tolerance: absolute(tolerance) } },
  });

/** Each scenario in the order of the rules, with what the rules before did beside it. */
const SCENARIOS: readonly Scenario[] = [
  ...[0.02, 0.05, 0.08].map((part) =>
    share(`${100 * part} % of users never answered: promoted`, silent(part), "promote", { most: 0.025 }),
  ),
  ...[0.02, 0.05, 0.08].map((part) =>
    share(`${100 * part} % of values lost, the rest fine: promoted`, lost(part), "promote", { most: 0.025 }),
  ),
  median(
    "valid_json 1 -> 0: units to rollback",
    world((arm, n) => ({ valid_json: oneOf(n, arm === "candidate" ? 0 : n) }), {
      canary: {
        ...CANARY,
        max_units: 2000,
        guardrails: [{ metric: "valid_json", direction: "higher", margin: absolute(0.05) }],
      },
      metrics: { ...METRICS, valid_json: spec("mean") },
      step: 10,
    }),
    "harm",
    100,
  ),
  share("twice the cost, by 0.5 % of users: promoted", bill, "promote", { most: 0.05 }, 40),
  ...[
    // As 2,000 runs each have it, ± .01.
    [0.001, 0.78, 0.1, 0.01],
    [0.002, 0.83, 0.04, 0],
    [0.005, 0.85, 0, 0],
    [0.01, 0.88, 0, 0],
    [0.012, 0.82, 0, 0],
    [0.03, 0.99, 0, 0],
    [0.1, 1, 0, 0],
  ].flatMap(([base, same, twice, thrice]) => [
    share(`errors ${100 * base!} %, unchanged: promoted`, errors(base!, 1), "promote", { least: same! }),
    share(`errors ${100 * base!} %, twice: promoted`, errors(base!, 2), "promote", {
      most: Math.max(0.005, twice!),
    }),
    share(`errors ${100 * base!} %, three times: promoted`, errors(base!, 3), "promote", {
      most: Math.max(0.005, thrice!),
    }),
    share(`errors ${100 * base!} %, at the limit: promoted`, errors(base!, limitOf(base!)), "promote", {
      most: 0.03,
    }),
  ]),
  median(
    "5,000 units of the stage before: units of the last one when promoted",
    world(() => ({}), { before: 5000, step: 10 }),
    "promote",
    100,
    "least",
  ),
  share(
    "a fuse at 20 %, errors at 20 %, 600 units: blown",
    fuse(0.2, 600, 10),
    "fuse",
    { most: 0.001 },
    3000,
  ),
  median("a fuse at 20 %, errors 100 %: units to the fuse", fuse(1, 600, 1), "fuse", 6),
  median("a fuse at 20 %, errors 50 %: units to the fuse", fuse(0.5, 600, 1), "fuse", 40, "most", 400),
  median("2 % of users lose 80 points: units to rollback", few, "harm", 2500),
  share(
    "latency with a long tail, unchanged, 4,100 units, margin 10 %: promoted",
    slow("log"),
    "promote",
    { least: 0.8 },
    200,
    slow(undefined),
  ),
  share(
    "2 points worse, margin 5, rollback_tolerance margin: rolled back",
    worse(0.02, 0.05),
    "harm",
    { most: 0.05 },
    200,
    worse(0.02, 0),
  ),
];

/** A row for each rule, with its scenario by the rules of version 2 as the peer. */
export function ruleRows({ seed, progress }: BenchOptions, until: number): readonly Row[] {
  const rows: Row[] = [];
  const jobs = SCENARIOS.length + 2;
  const fair = (done: number) => performance.now() + (until - performance.now()) / Math.max(1, jobs - done);
  for (const [index, scenario] of SCENARIOS.entries()) {
    progress(`rules: ${scenario.work}…`);
    rows.push(scenario.measure(seed + index, fair(index)));
  }
  progress("rules: the gate…");
  rows.push(...gateRows(seed));
  progress("rules: small losses…");
  rows.push(...ledgerRows(seed, until));
  return rows;
}
