import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as d from "../../src/statistics/distributions.ts";

/** How far apart two numbers are, relative to the one that is wanted. */
const apart = (got: number, wanted: number) => Math.abs(got - wanted) / Math.abs(wanted);

describe("The distributions", () => {
  it("keep their digits far in the tail", () => {
    // mpmath, 60 digits.
    expect(apart(d.normalTail(20), 2.753624118606234e-89)).toBeLessThan(1e-12);
    expect(apart(d.normalQuantile(1e-15), -7.941345326170997)).toBeLessThan(1e-12);
    expect(apart(d.normalQuantile(1e-300), -37.0470962993612)).toBeLessThan(1e-12);
    expect(apart(d.lnNormalCdf(-50), -1254.83136113942)).toBeLessThan(1e-12);
    expect(apart(d.tCdf(-25.298221281347057, 99998) * 2, 9.293132914837111e-141)).toBeLessThan(1e-11);
    expect(apart(d.chiSquareTail(500, 2), 2.669190215541276e-109)).toBeLessThan(1e-12);
  });

  it("are right for large shapes too", () => {
    expect(apart(d.chiSquareTail(10_200, 10_000), 0.079328881077619)).toBeLessThan(1e-11);
    expect(apart(d.chiSquareTail(1300, 1000), 3.88973649948685e-10)).toBeLessThan(1e-11);
    expect(apart(d.gammaIncomplete(500_000, 501_000), 1 - 0.0787186613861296)).toBeLessThan(1e-11);
    expect(apart(d.betaIncomplete(50_000, 50_000, 0.497), 0.0288889722623895)).toBeLessThan(1e-11);
    expect(apart(d.lnBetaTail(29, 786, 0.6), -615.1881958185854)).toBeLessThan(1e-13);
  });

  it("have quantiles that undo them", () => {
    fc.assert(
      fc.property(fc.double({ min: -36, max: 5, noNaN: true }), (z) => {
        expect(d.normalQuantile(d.normalCdf(z))).toBeCloseTo(z, 7);
      }),
    );
    for (const df of [1, 2.2, 29.3, 1e5])
      for (const p of [1e-9, 0.0125, 0.4])
        expect(apart(d.tCdf(d.tQuantile(p, df), df), p)).toBeLessThan(1e-10);
  });

  it("turn a t into the normal score of the same tail, sign kept, also beyond underflow", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.01, max: 1000, noNaN: true }),
        fc.double({ min: 1, max: 1e7, noNaN: true }),
        (t, df) => {
          const z = d.tToZ(t, df);
          expect(z).toBeGreaterThan(0);
          expect(z).toBeLessThanOrEqual(t * (1 + 1e-6));
          expect(d.tToZ(-t, df)).toBe(-z);
        },
      ),
    );
  });

  it("have a log beta tail that goes on where the tail itself is 0", () => {
    expect(apart(d.lnBetaTail(60, 32, 0.5), Math.log(d.betaTail(60, 32, 0.5)))).toBeLessThan(1e-12);
    // The tail of Beta(1, b) is (1 - x)^b.
    expect(apart(d.lnBetaTail(1, 5000, 0.6), 5000 * Math.log(0.4))).toBeLessThan(1e-12);
  });

  it("sum a beta function's logarithm without losing it", () => {
    // mpmath: ln B(1e6, 3).
    expect(apart(d.lnBeta(1e6, 3), -40.75338749333038)).toBeLessThan(1e-11);
    expect(d.lnBeta(1, 1)).toBeCloseTo(0, 14);
    expect(apart(d.lnBeta(0.5, 0.5), Math.log(Math.PI))).toBeLessThan(1e-12);
  });
});
