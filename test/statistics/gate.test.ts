import { describe, expect, it } from "vitest";
import { gateHasFailed, gateVerdict, sizeSentence } from "../../src/statistics/gate.ts";
import { mcnemarExact, pairedComparison } from "../../src/statistics/inference/paired.ts";

const asked = { minPassRate: 0.9, maxRegression: 0.05 };
const pairs = (cases: number, worse = 0, better = 0) => ({ cases, worse, better });

describe("The gate's verdict", () => {
  it("fails a pass rate below its minimum however few the cases: they are a requirement, and chance is only said", () => {
    expect(gateVerdict({ ...asked, cases: 4, passRate: 0.5, pairs: pairs(4, 2) })).toMatchObject({
      verdict: "fail",
      looks: null,
      reason: "50 % of 4 cases passed, 90 % are required (it may be chance, but the cases are a requirement)",
    });
    expect(gateVerdict({ ...asked, cases: 20, passRate: 0.6 }).reason).toMatch(
      /^60 % of 20 cases passed, 90 % are required \(chance does not explain it: at most 7\d\.?\d* % is likely\)$/,
    );
    expect(gateVerdict({ ...asked, minPassRate: 1, cases: 2, passRate: 0.5 })).toMatchObject({
      verdict: "fail",
      reason: "50 % of 2 cases passed, 100 % are required",
    });
  });

  it("takes a mean that reaches its minimum but for rounding as reaching it", () => {
    const passRate = (1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 0.9 + 0.1) / 10 - 1e-16;
    expect(gateVerdict({ ...asked, cases: 10, passRate }).verdict).toBe("pass");
  });

  it("passes where a larger regression than accepted is ruled out", () => {
    expect(gateVerdict({ ...asked, cases: 60, passRate: 1, pairs: pairs(60) })).toMatchObject({
      verdict: "pass",
      looks: null,
      regression: 0,
    });
  });

  it("does not pass what so few cases cannot show, but says that it looks fine", () => {
    const found = gateVerdict({ ...asked, cases: 20, passRate: 1, pairs: pairs(20) });
    expect(found).toMatchObject({ verdict: "insufficient", looks: "fine", regression: 0 });
    expect(found.reason).toBe(
      "it looks fine: 100 % of 20 cases passed, as of the baseline, but a fall of up to 12 points cannot be ruled out with 20 cases (5 points accepted; that takes 52 cases or more)",
    );
    const one = gateVerdict({ ...asked, cases: 1, passRate: 1, pairs: pairs(1) });
    expect(one).toMatchObject({ verdict: "insufficient", looks: "fine" });
  });

  it("says of what is neither shown nor ruled out and falls further than accepted that it looks worse", () => {
    const found = gateVerdict({ ...asked, cases: 20, passRate: 0.9, pairs: pairs(20, 2) });
    expect(found).toMatchObject({ verdict: "insufficient", looks: "worse", regression: 0.1 });
  });

  it("fails a regression that is proven and larger than accepted, not one that is only one of both", () => {
    const base = { ...asked, minPassRate: 0.5, cases: 40, passRate: 0.8 };
    expect(gateVerdict({ ...base, pairs: pairs(40, 5) })).toMatchObject({ verdict: "fail", p: 0.03125 });
    expect(gateVerdict({ ...base, pairs: pairs(40, 4) })).toMatchObject({
      verdict: "insufficient",
      looks: "worse",
      p: 0.0625,
    });
    const proven = gateVerdict({ ...asked, cases: 1000, passRate: 0.95, pairs: pairs(1000, 30) });
    expect(proven.verdict).toBe("pass");
  });

  it("counts a repeated case by the share of its runs", () => {
    const found = gateVerdict({ ...asked, cases: 60, passRate: 0.99, pairs: pairs(60, 2 / 3) });
    expect(found.regression).toBeCloseTo(1 / 90, 12);
  });

  it("cannot tell without any result", () => {
    expect(gateVerdict({ ...asked, cases: 0, passRate: Number.NaN })).toMatchObject({
      verdict: "insufficient",
      looks: null,
    });
  });

  it("rests on the pass rate alone while there is no baseline", () => {
    expect(gateVerdict({ ...asked, cases: 2, passRate: 1 }).verdict).toBe("pass");
  });

  it("is known early only when nothing that remains could change it", () => {
    const progress = { done: 12, cases: 20, minPassRate: 0.9 };
    expect(gateHasFailed({ ...progress, passed: 9 })).toBe(true);
    expect(gateHasFailed({ ...progress, passed: 10 })).toBe(false);
    expect(gateHasFailed({ passed: 0, done: 0, cases: 0, minPassRate: 0.9 })).toBe(false);
  });
});

describe("What a set of cases can show", () => {
  it("is said by its size", () => {
    expect(sizeSentence(20, 0.05)).toBe(
      "with 20 cases nothing under 12 points can be ruled out, so this gate cannot pass, only look fine (5 points take 52 cases)",
    );
    expect(sizeSentence(52, 0.05)).toBe("with 52 cases nothing under 4.9 points can be ruled out");
    expect(sizeSentence(25, 0.1)).toBe("with 25 cases nothing under 9.8 points can be ruled out");
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
});
