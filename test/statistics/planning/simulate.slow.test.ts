import { describe, expect, it } from "vitest";
import { seededRandom, sampler } from "../../../src/statistics/planning/seeded-random.ts";
import { simulate, simulateRun, type Simulation } from "../../../src/statistics/planning/simulate.ts";
import { CANARY, METRICS } from "../canary-evidence.ts";

const DAY = 86_400_000;
const SAME = {
  success: { baseline: { rate: 0.8 } },
  latency_ms: { baseline: { mean: 1000, sd: 800 }, skewed: true },
  error: { baseline: { rate: 0.01 } },
};
const world: Simulation = {
  canary: CANARY,
  metrics: METRICS,
  scenario: SAME,
  unitsPerLook: 400,
  lookEveryMs: 600_000,
};

describe("A simulation", () => {
  it("gives the same result for the same seed, another for another", () => {
    const run = (seed: number) => simulate(world, { runs: 5, random: seededRandom(seed) });
    expect(run(1)).toEqual(run(1));
    expect(run(1)).not.toEqual(run(2));
  });

  it("accounts for every run", () => {
    const { promoted, rolledBack, inconclusive } = simulate(world, { runs: 20, random: seededRandom(1) });
    expect(promoted + rolledBack + inconclusive).toBeCloseTo(1, 12);
  });

  it("blows the fuse of a broken version", () => {
    const scenario = {
      ...SAME,
      error: { baseline: { rate: 0.01 }, change: { kind: "absolute", value: 0.9 } as const },
    };
    const canary = { ...CANARY, guardrails: [] };
    const { verdict, units } = simulateRun({ ...world, canary, scenario }, seededRandom(1));
    expect(verdict).toBe("fuse");
    expect(units).toBeLessThanOrEqual(60);
  });

  it("ends without data when a world gives none, at the latest when the time is up", () => {
    const { verdict, elapsedMs } = simulateRun(
      { ...world, scenario: {}, lookEveryMs: DAY / 4 },
      seededRandom(1),
    );
    expect(verdict).toBe("no_data");
    expect(elapsedMs).toBe(CANARY.max_duration_ms);
  });

  it("lets outcomes arrive only when their window closes", () => {
    const metrics = { ...METRICS, success: { kind: "proportion" as const, window_ms: 3_600_000 } };
    const seen: number[] = [];
    simulateRun({ ...world, metrics }, seededRandom(1), (input) => {
      seen.push(input.cells.find((cell) => cell.metric === "success")?.units ?? 0);
      return { verdict: seen.length < 8 ? "continue" : "inconclusive" };
    });
    expect(seen).toEqual([0, 0, 0, 0, 0, 0, 20, 40]);
  });

  it("gives units without a value where coverage is partial", () => {
    const scenario = { ...SAME, success: { baseline: { rate: 0.8 }, coverage: 0.25 } };
    let share = 1;
    simulateRun({ ...world, scenario, unitsPerLook: 100_000 }, seededRandom(1), ({ cells }) => {
      const cell = cells.find(({ metric }) => metric === "success")!;
      share = cell.n / cell.units;
      return { verdict: "inconclusive" };
    });
    expect(share).toBeCloseTo(0.25, 1);
  });
});

describe("Chance", () => {
  it("is uniform, normal and binomial to within its standard error", () => {
    const draw = sampler(seededRandom(9));
    const n = 20_000;
    const normals = Array.from({ length: n }, () => draw.normal());
    const mean = normals.reduce((sum, x) => sum + x, 0) / n;
    expect(Math.abs(mean)).toBeLessThan(4 / Math.sqrt(n));
    expect(normals.filter((x) => x > 1.6448536).length / n).toBeCloseTo(0.05, 2);
    for (const [size, p] of [
      [5, 0.5],
      [100, 0.01],
      [1500, 0.9],
      [9000, 0.3],
    ] as const) {
      const counts = Array.from({ length: 2000 }, () => draw.binomial(size, p));
      const average = counts.reduce((sum, x) => sum + x, 0) / counts.length;
      expect(Math.abs(average - size * p)).toBeLessThan(
        (4 * Math.sqrt(size * p * (1 - p))) / Math.sqrt(2000),
      );
      expect(counts.every((x) => Number.isInteger(x) && x >= 0 && x <= size)).toBe(true);
    }
  });
});

describe("A simulation of harm to a few", () => {
  const few = (segments: Simulation["canary"]["segments"]): Simulation => ({
    ...world,
    canary: {
      ...CANARY,
      goal: { ...CANARY.goal, margin: { kind: "absolute", value: 0.05 } },
      guardrails: [],
      ...(segments && { segments }),
    },
    segments: [
      {
        segment: "language",
        value: "de",
        share: 0.02,
        changes: { success: { kind: "absolute", value: -0.8 } },
      },
    ],
  });

  it("finds by segments what all together hide", () => {
    const ended = (simulation: Simulation) => simulate(simulation, { runs: 40, random: seededRandom(5) });
    const told = ended(few(["language"]));
    const untold = ended(few(undefined));
    expect(told.rolledBack).toBeGreaterThan(0.9);
    expect(untold.rolledBack).toBeLessThan(0.6);
    expect(told.medianUnitsRolledBack).toBeLessThan(2500);
  });

  it("counts each unit once among all and once in its value, both arms by chance", () => {
    let last: Parameters<NonNullable<Parameters<typeof simulateRun>[2]>>[0] | undefined;
    const metrics = { ...METRICS, latency_ms: { ...METRICS["latency_ms"]!, cap: 2000 } };
    const simulation: Simulation = { ...few(["language"]), metrics, split: "chance" };
    const canary = { ...simulation.canary, guardrails: CANARY.guardrails };
    simulateRun({ ...simulation, canary }, seededRandom(7), (input) => {
      last = input;
      return { verdict: input.elapsedMs >= 20 * 600_000 ? "inconclusive" : "advance" };
    });
    const sum = (
      of: readonly { arm: string; metric: string; units: number; n: number; mean: number }[],
      metric: string,
      arm: string,
    ) => {
      const some = of.filter((cell) => cell.metric === metric && cell.arm === arm);
      return {
        units: some.reduce((all, cell) => all + cell.units, 0),
        total: some.reduce((all, cell) => all + cell.n * cell.mean, 0),
      };
    };
    for (const metric of ["success", "latency_ms", "latency_ms over cap", "error"])
      for (const arm of ["candidate", "control"]) {
        const [all, apart] = [sum(last!.cells, metric, arm), sum(last!.segments!, metric, arm)];
        expect(apart.units).toBe(all.units);
        expect(apart.total).toBeCloseTo(all.total, 6);
        expect(all.units).toBe(
          last!.exposures.reduce((n, one) => n + one[arm as "candidate" | "control"], 0),
        );
      }
    const [one, other] = [sum(last!.cells, "success", "candidate"), sum(last!.cells, "success", "control")];
    expect(one.units).not.toBe(other.units);
    const de = last!.segments!.filter(({ value, metric }) => value === "de" && metric === "success");
    expect(sum(de, "success", "candidate").units / one.units).toBeCloseTo(0.02, 1);
    expect(sum(de, "success", "candidate").total).toBe(0);
    expect(sum(de, "success", "control").total).toBeGreaterThan(0);
  });
});
