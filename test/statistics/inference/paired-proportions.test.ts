import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  casesToExclude,
  excludableRegression,
  gatePassProbability,
  tangoBounds,
} from "../../../src/statistics/inference/paired-proportions.ts";
import { seededRandom } from "../../../src/statistics/planning/seeded-random.ts";

interface Row {
  readonly cases: number;
  readonly worse: number;
  readonly better: number;
  readonly alpha: number;
  readonly lower: number;
  readonly upper: number;
  readonly p: number;
}

const { rows } = JSON.parse(readFileSync(new URL("../../fixtures/tango.json", import.meta.url), "utf8")) as {
  rows: Row[];
};

describe("Tango's bounds of paired proportions", () => {
  it.each(rows)("are SciPy's for $worse worse and $better better of $cases at $alpha", (row) => {
    const found = tangoBounds(row, row.alpha);
    if (!found.ok) throw new Error(found.detail);
    expect(found.lower).toBeCloseTo(row.lower, 6);
    expect(found.upper).toBeCloseTo(row.upper, 6);
    expect(found.p).toBeCloseTo(row.p, 10);
  });

  it("rule out 5 points from 52 cases on and 10 points from 25, when every case comes out alike", () => {
    expect(casesToExclude(0.05)).toBe(52);
    expect(casesToExclude(0.1)).toBe(25);
    for (const [cases, within] of [
      [51, false],
      [52, true],
    ] as const) {
      const found = tangoBounds({ cases, worse: 0, better: 0 });
      expect(found.ok && found.upper <= 0.05).toBe(within);
      expect(excludableRegression(cases) <= 0.05).toBe(within);
    }
  });

  it("are never less conservative with repeats than the variance of the averages", () => {
    const random = seededRandom(7);
    for (let round = 0; round < 200; round += 1) {
      const differences = Array.from({ length: 20 }, () => (Math.floor(random() * 7) - 3) / 3);
      const worse = differences.reduce((sum, d) => sum + Math.max(0, d), 0);
      const better = differences.reduce((sum, d) => sum + Math.max(0, -d), 0);
      const mean = (worse - better) / 20;
      const variance = differences.reduce((sum, d) => sum + (d - mean) ** 2, 0) / 20;
      expect((worse + better) / 20 - mean ** 2).toBeGreaterThanOrEqual(variance - 1e-12);
      const found = tangoBounds({ cases: 20, worse, better });
      expect(found.ok && found.lower <= mean && found.upper >= mean).toBe(true);
    }
  });

  it("let a version at the margin pass hardly ever, flaky or not, repeated or not", () => {
    const random = seededRandom(11);
    const passes = (cases: number, repeats: number, flaky: number) => {
      let passed = 0;
      const rounds = 2000;
      const asked = (p: number) => {
        let sum = 0;
        for (let i = 0; i < repeats; i += 1) sum += random() < p ? 1 : 0;
        return sum / repeats;
      };
      for (let round = 0; round < rounds; round += 1) {
        let [worse, better] = [0, 0];
        for (let i = 0; i < cases; i += 1) {
          const p = random() < flaky ? 0.6 : 1;
          const d = asked(p) - asked(random() < 0.05 / (1 - flaky * 0.4) ? 0 : p);
          worse += Math.max(0, d);
          better += Math.max(0, -d);
        }
        const found = tangoBounds({ cases, worse, better });
        if (found.ok && found.upper <= 0.05) passed += 1;
      }
      return passed / rounds;
    };
    for (const [cases, repeats, flaky] of [
      [20, 1, 0],
      [60, 1, 0],
      [100, 1, 0],
      [100, 3, 0.1],
      [300, 1, 0.2],
      [300, 3, 0.2],
    ] as const)
      expect(
        passes(cases, repeats, flaky),
        `${cases} cases, ${repeats} times, ${flaky} flaky`,
      ).toBeLessThanOrEqual(0.065);
  });
});

describe("the chance that a harmless version passes", () => {
  it("is what trying it many times gives", () => {
    const random = seededRandom(3);
    let passed = 0;
    const rounds = 4000;
    for (let round = 0; round < rounds; round += 1) {
      let [worse, better] = [0, 0];
      for (let i = 0; i < 100; i += 1)
        if (random() < 0.0625) {
          if (random() < 0.5) worse += 1;
          else better += 1;
        }
      const found = tangoBounds({ cases: 100, worse, better });
      if (found.ok && found.upper <= 0.05) passed += 1;
    }
    const said = gatePassProbability({ cases: 100, discordant: 0.0625, maxRegression: 0.05 });
    expect(said.ok && said.probability).toBeCloseTo(passed / rounds, 1);
  });

  it("is next to none where the set is too small to show the margin", () => {
    const said = gatePassProbability({ cases: 20, discordant: 0.01, maxRegression: 0.05 });
    expect(said.ok && said.probability).toBeLessThan(0.01);
  });
});
