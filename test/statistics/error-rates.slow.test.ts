import { describe, expect, it } from "vitest";
import {
  CANARY as POLICY,
  METRICS as POLICY_METRICS,
  runPolicy,
  type Truth,
} from "../../bench/statistics-policy.ts";
import { runClusters } from "../../bench/statistics-clusters.ts";
import { runLooks } from "../../bench/statistics-looks.ts";
import type { Cell } from "../../src/domain/rollout/verdict.ts";
import { mergeMoments, NO_MOMENTS, stratified, welch, type Moments } from "../../src/statistics/index.ts";
import { seededRandom } from "../../src/statistics/planning/seeded-random.ts";
import { simulateRun, summarise } from "../../src/statistics/planning/simulate.ts";

/** Few runs, seeded: enough to see a rule that is wrong; `npm run prove -- error-rates` measures. */
const RUNS = 150;
const forever = Infinity;
const outcome = (truth: Truth, runs = RUNS) =>
  summarise(runPolicy({ truth, decider: "this design", runs, until: forever, seed: 11 }));

describe("The whole policy, in an imagined world", () => {
  it("promotes four of five harmless versions and takes back next to none", () => {
    const { promoted, rolledBack, meanUnits } = outcome("no difference");
    expect(promoted).toBeGreaterThan(0.72);
    expect(rolledBack).toBeLessThan(0.05);
    expect(meanUnits).toBeLessThan(7300);
  });

  it("promotes next to none of the versions at the margin", () => {
    expect(outcome("-2 pp (at the margin)").promoted).toBeLessThan(0.035);
  });

  it("takes back what hurts after a few hundred units", () => {
    const drop = outcome("-10 pp");
    expect(drop.rolledBack).toBe(1);
    expect(drop.medianUnitsRolledBack).toBeLessThanOrEqual(400);
    const errors = outcome("errors 1 -> 10 %");
    expect(errors.rolledBack).toBe(1);
    expect(errors.medianUnitsRolledBack).toBeLessThanOrEqual(160);
  });

  it("peeked at with Welch's test takes back a third of the harmless versions, at the least", () => {
    const runs = runPolicy({
      truth: "no difference",
      decider: "welch every look",
      runs: 100,
      until: forever,
      seed: 3,
    });
    expect(summarise(runs).rolledBack).toBeGreaterThan(0.33);
  });
});

describe("A baseline that drifts while the share grows (Simpson)", () => {
  const drift = [0.02, 0, -0.02];

  it("takes back no more harmless versions than a steady one", () => {
    expect(outcome("no difference, drifting baseline").rolledBack).toBeLessThan(0.05);
  });

  it("keeps its level through the cells of a rollout: 5 % of harmless versions differ at p < .05", () => {
    const scenario = { success: { baseline: { rate: 0.8 }, drift } };
    const canary = { ...POLICY, guardrails: [] };
    let [found, runs] = [0, 0];
    for (const random = seededRandom(5); runs < 800; runs++) {
      let cells: readonly Cell[] = [];
      simulateRun({ canary, metrics: POLICY_METRICS, scenario, unitsPerLook: 4000 }, random, (input) => {
        cells = input.cells;
        if (input.stage < 2) return { verdict: input.dwellMs >= 2 ? "advance" : "continue" };
        return { verdict: input.dwellMs >= 2 ? "inconclusive" : "continue" };
      });
      const test = stratified(byEpoch(cells));
      if (test.ok && test.p < 0.05) found += 1;
    }
    expect(found / runs).toBeGreaterThan(0.03);
    expect(found / runs).toBeLessThan(0.07);
  });

  it("fools a test that pools unmatched stages", () => {
    const control: Moments[] = [0.82, 0.8, 0.78].map((p, k) => momentsAt(p, [9500, 7500, 5000][k]!));
    const candidate = [0.82, 0.8, 0.78].map((p, k) => momentsAt(p, [500, 2500, 5000][k]!));
    const pooled = welch({
      candidate: candidate.reduce(mergeMoments, NO_MOMENTS),
      control: control.reduce(mergeMoments, NO_MOMENTS),
    });
    const matched = stratified(candidate.map((arm, k) => ({ candidate: arm, control: control[k]! })));
    expect(pooled.ok && pooled.pTwoSided).toBeLessThan(0.05);
    expect(matched.ok && matched.p).toBeCloseTo(1, 9);
  });
});

describe("A hundred looks", () => {
  it("by the boundary keep the level that peeking multiplies", () => {
    const { rejected } = runLooks({
      baseRate: 0.8,
      change: 0,
      runs: 2000,
      until: forever,
      random: seededRandom(2),
    });
    expect(rejected["group sequential"]).toBeLessThan(0.06);
    expect(rejected["asymptotic sequence"]).toBeLessThan(0.05);
    expect(rejected["welch every look"]).toBeGreaterThan(0.3);
  });
});

describe("Requests clustered by user", () => {
  it("count once a user: the level is kept that counting requests quadruples", () => {
    const { byUser, byRequest } = runClusters({ runs: 500, until: forever, seed: 4 });
    expect(byUser).toBeLessThan(0.07);
    expect(byRequest).toBeGreaterThan(0.1);
  });
});

function byEpoch(cells: readonly Cell[]) {
  return [...new Set(cells.map((cell) => cell.epoch))].map((epoch) => {
    const of = (arm: Cell["arm"]) =>
      cells.find((cell) => cell.epoch === epoch && cell.arm === arm) ?? NO_MOMENTS;
    return { candidate: of("candidate"), control: of("control") };
  });
}

function momentsAt(p: number, n: number): Moments {
  return { n, mean: p, m2: n * p * (1 - p) };
}
