import { describe, expect, it } from "vitest";
import { passRateBounds } from "../../src/statistics/inference/paired.ts";

/** Reference values: scipy.stats.beta.ppf, one-sided 5 %. */
describe("the bounds of a pass rate", () => {
  it.each([
    [1, 2, 0.0253205655, 0.9746794345],
    [0, 14, 0, 0.1926361965],
    [14, 14, 0.8073638035, 1],
    [6, 8, 0.4003106, 0.9536103],
  ])("are exact for %i of %i", (passed, cases, lower, upper) => {
    const bounds = passRateBounds(passed / cases, cases);
    expect(bounds.lower).toBeCloseTo(lower, 6);
    expect(bounds.upper).toBeCloseTo(upper, 6);
  });

  it("claim no more than one time in twenty what is not so, however few the cases", () => {
    for (const n of [1, 2, 3, 5, 10, 30])
      for (const rate of [0.5, 0.8, 0.9, 0.97]) {
        let claimed = 0;
        let chance = (1 - rate) ** n;
        for (let passed = 0; passed <= n; passed++) {
          if (passRateBounds(passed / n, n).upper < rate) claimed += chance;
          chance *= ((n - passed) / (passed + 1)) * (rate / (1 - rate));
        }
        expect(claimed).toBeLessThanOrEqual(0.05);
      }
  });
});
