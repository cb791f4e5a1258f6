import { describe, expect, it } from "vitest";
import { gateHasFailed, gateVerdict } from "../../src/statistics/gate.ts";
import { gatePassProbability, mcnemarExact, pairedComparison } from "../../src/statistics/paired.ts";

const asked = { minPassRate: 0.9, maxRegression: 0.05 };

describe("The gate's verdict", () => {
  it("passes a version that does as well on every case", () => {
    const differences = { n: 20, mean: 0, m2: 0 };
    expect(gateVerdict({ ...asked, cases: 20, passRate: 1, differences })).toMatchObject({
      verdict: "pass",
      regression: 0,
      ci: [0, 0],
    });
  });

  it("fails a pass rate that is surely too low, whatever the baseline does", () => {
    const { verdict, reason } = gateVerdict({ ...asked, cases: 20, passRate: 0.6 });
    expect(verdict).toBe("fail");
    expect(reason).toContain("60 % of 20 cases passed: surely under the 90 % asked for");
  });

  it("fails a proven fall that is larger than accepted", () => {
    const differences = { n: 100, mean: -0.12, m2: 12 };
    expect(gateVerdict({ ...asked, minPassRate: 0.7, cases: 100, passRate: 0.85, differences }).verdict).toBe(
      "fail",
    );
  });

  it("does not fail a fall that is proven but accepted, or large but not proven", () => {
    const proven = { n: 1000, mean: -0.03, m2: 30 };
    expect(gateVerdict({ ...asked, cases: 1000, passRate: 0.95, differences: proven }).verdict).toBe("pass");
    const unproven = { n: 5, mean: -0.2, m2: 0.8 };
    expect(gateVerdict({ ...asked, cases: 5, passRate: 1, differences: unproven }).verdict).toBe(
      "insufficient",
    );
  });

  it("takes the exact test's word on pass/fail pairs", () => {
    const base = {
      ...asked,
      minPassRate: 0.5,
      cases: 40,
      passRate: 0.7,
      differences: { n: 40, mean: -0.1, m2: 3.6 },
    };
    expect(gateVerdict({ ...base, discordant: { worse: 4, better: 0 } })).toMatchObject({
      p: 0.0625,
      verdict: "insufficient",
    });
    expect(gateVerdict({ ...base, discordant: { worse: 5, better: 0 } })).toMatchObject({
      p: 0.03125,
      verdict: "fail",
    });
  });

  it("is insufficient where few cases may mislead, and without any", () => {
    expect(gateVerdict({ ...asked, cases: 5, passRate: 0.8 }).verdict).toBe("insufficient");
    expect(gateVerdict({ ...asked, cases: 0, passRate: 0 }).verdict).toBe("insufficient");
    expect(
      gateVerdict({ ...asked, cases: 1, passRate: 1, differences: { n: 1, mean: 0, m2: 0 } }).verdict,
    ).toBe("insufficient");
  });

  it("rests on the pass rate alone while there is no baseline", () => {
    expect(gateVerdict({ ...asked, cases: 20, passRate: 1 }).verdict).toBe("pass");
  });

  it("is known early only when nothing that remains could change it", () => {
    const progress = { done: 12, cases: 20, minPassRate: 0.9 };
    expect(gateHasFailed({ ...progress, passed: 4 })).toBe(true);
    expect(gateHasFailed({ ...progress, passed: 11 })).toBe(false);
    expect(gateHasFailed({ passed: 0, done: 0, cases: 0, minPassRate: 0.9 })).toBe(false);
  });
});

describe("Pairs", () => {
  it("are compared by the t of their differences", () => {
    // Sleep data of Student (1908): mean 1.58, sd 1.230, t 4.0621 with 9 degrees of freedom, p .00142.
    const found = pairedComparison({ n: 10, mean: -1.58, m2: 9 * 1.2299954 ** 2 });
    expect(found).toMatchObject({ ok: true, regression: 1.58 });
    expect(found.ok && found.p).toBeCloseTo(0.0014164, 6);
  });

  it("of pass and fail by the exact binomial", () => {
    const found = mcnemarExact({ worse: 8, better: 1 });
    expect(found).toEqual({ ok: true, pWorse: 10 / 512, pBetter: 511 / 512, pTwoSided: 20 / 512 });
  });

  it("of a hundred cases with a spread of .25 pass a harmless version one time in five at a margin of .02", () => {
    const found = gatePassProbability({ cases: 100, sd: 0.25, maxRegression: 0.02 });
    expect(found.ok && found.probability).toBeCloseTo(0.2, 2);
  });
});
