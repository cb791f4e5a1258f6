import { contrast } from "../../src/statistics/inference/stratified.ts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as stats from "../../src/statistics/index.ts";

const none = stats.NO_MOMENTS;
const one = { n: 1, mean: 3, m2: 0 };
const flat = { n: 50, mean: 3, m2: 0 };
const fine = { n: 50, mean: 3, m2: 20 };
const noSums = { n: 0, s: 0, c: 0, ss: 0, cc: 0, sc: 0 };
const noPast = { n: 0, y: 0, x: 0, yy: 0, xx: 0, xy: 0 };
const margin = { kind: "absolute", value: 0.1 } as const;

describe("Values that are all the same", () => {
  const value = fc.double({ min: 1e-6, max: 1e9, noNaN: true });
  const batches = fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 2, maxLength: 60 });
  /** Averaged in batches as they come, as a database does it, and merged. */
  const momentsOf = (x: number, sizes: readonly number[]) =>
    sizes.reduce((whole, size) => {
      let part = stats.NO_MOMENTS;
      for (let i = 0; i < size; i++) part = stats.addValue(part, x);
      // A mean by sums, which rounds otherwise.
      const sum = Array.from({ length: size }, () => x).reduce((total, one) => total + one, 0);
      return stats.mergeMoments(whole, { ...part, mean: sum / size });
    }, stats.NO_MOMENTS);

  it("do not vary, whatever rounding makes of them", () => {
    fc.assert(
      fc.property(value, batches, batches, (x, some, others) => {
        const arms = { candidate: momentsOf(x, some), control: momentsOf(x, others) };
        expect(stats.variance(arms.candidate)).toBe(0);
        expect(stats.welch(arms)).toMatchObject({ ok: false, reason: "not_enough_data" });
        expect(stats.stratified([arms])).toMatchObject({ ok: false, reason: "not_enough_data" });
      }),
    );
  });

  it("have a ratio without spread, too", () => {
    const sums = (x: number, n: number) => ({ n, s: n * x, c: n, ss: n * x * x, cc: n, sc: n * x });
    fc.assert(
      fc.property(value, fc.integer({ min: 2, max: 1e6 }), fc.integer({ min: 2, max: 1e6 }), (x, n, m) => {
        expect(stats.ratioDelta({ candidate: sums(x, n), control: sums(x, m) })).toMatchObject({ ok: false });
      }),
    );
  });

  it("are told from values that do vary a little about a large mean", () => {
    expect(stats.variance({ n: 1000, mean: 1e9, m2: 999 })).toBe(1);
  });
});

describe("Where a statistic is not defined, it says so", () => {
  it.each<[string, stats.Result<object>]>([
    ["Welch of an empty arm", stats.welch({ candidate: none, control: fine })],
    ["Welch of a single unit", stats.welch({ candidate: fine, control: one })],
    ["Welch where nothing varies", stats.welch({ candidate: flat, control: { ...flat, mean: 4 } })],
    [
      "proportions of an empty arm",
      stats.twoProportion({ candidate: { x: 0, n: 0 }, control: { x: 5, n: 9 } }),
    ],
    [
      "proportions where nothing varies",
      stats.twoProportion({ candidate: { x: 9, n: 9 }, control: { x: 0, n: 9 } }),
    ],
    [
      "non-inferiority of a single unit",
      stats.nonInferiority({ candidate: one, control: fine, margin, direction: "lower" }),
    ],
    [
      "non-inferiority where nothing varies",
      stats.nonInferiority({ candidate: flat, control: flat, margin, direction: "lower" }),
    ],
    [
      "a sequence without units",
      stats.asymptoticSequence({ diff: 0, se: 1, nEff: 0, nStar: 1000, alpha: 0.05 }),
    ],
    [
      "a sequence without spread",
      stats.asymptoticSequenceOneSided({ diff: 1, se: 0, nEff: 9, nStar: 1000, alpha: 0.05 }),
    ],
    ["a boundary without information", stats.groupSequentialBoundary({ alpha: 0.025, information: 0 })],
    ["a split of nobody", stats.chiSquareSampleRatio({ observed: [0, 0], weights: [1, 1] })],
    ["strata without two units", stats.stratified([{ candidate: one, control: one }])],
    ["no strata", stats.stratified([])],
    ["a ratio of nobody", stats.ratioDelta({ candidate: noSums, control: noSums })],
    ["an adjustment for nothing", stats.cuped({ candidate: noPast, control: noPast })],
    [
      "a plan without variance",
      stats.sampleSize({
        varianceCandidate: 0,
        varianceControl: 0,
        effect: 1,
        alpha: 0.05,
        sides: 2,
        power: 0.8,
      }),
    ],
    ["a single pair", stats.pairedComparison(one)],
    ["pairs that all agree", stats.mcnemarExact({ worse: 0, better: 0 })],
  ])("%s", (_, result) => {
    expect(result).toEqual({ ok: false, reason: "not_enough_data", detail: expect.any(String) });
  });

  it.each<[string, stats.Result<object>]>([
    ["an alpha of 0", stats.welch({ candidate: fine, control: fine }, 0)],
    [
      "a margin of the wrong sign",
      stats.nonInferiority({
        candidate: fine,
        control: fine,
        margin: { ...margin, value: -1 },
        direction: "lower",
      }),
    ],
    ["a count that is no number", stats.welch({ candidate: { ...fine, n: Number.NaN }, control: fine })],
    [
      "more successes than units",
      stats.twoProportion({ candidate: { x: 9, n: 5 }, control: { x: 1, n: 5 } }),
    ],
    ["a weight of 0", stats.sampleRatioEvidence([{ observed: [1, 2], weights: [0, 1] }])],
    [
      "an effect of 0",
      stats.sampleSize({
        varianceCandidate: 1,
        varianceControl: 1,
        effect: 0,
        alpha: 0.05,
        sides: 2,
        power: 0.8,
      }),
    ],
    ["a power below alpha", stats.groupSequentialPower({ alpha: 0.05, power: 0.01 })],
    [
      "a share of everything",
      stats.mixtureBinomial({ eventsCandidate: 1, eventsControl: 1, candidateShare: 1 }),
    ],
  ])("and tells %s from too little of it", (_, result) => {
    expect(result).toMatchObject({ ok: false, reason: "invalid_input" });
  });
});

describe("Whatever they are given, the statistics", () => {
  const number = fc.oneof(
    fc.double(),
    fc.constantFrom(0, -0, 1, 2, Number.NaN, Infinity, -Infinity, 1e308, -1e308, 5e-324, 1e-200, 1e200),
    fc.integer({ min: 0, max: 1000 }),
  );
  const moments = fc.record({ n: number, mean: number, m2: number });
  const arms = fc.record({ candidate: moments, control: moments });
  const sums = fc.record({ n: number, s: number, c: number, ss: number, cc: number, sc: number });
  const past = fc.record({ n: number, y: number, x: number, yy: number, xx: number, xy: number });
  const counts = fc.record({ x: number, n: number });
  const sequence = fc.record({ diff: number, se: number, nEff: number, nStar: number, alpha: number });
  const functions: [string, fc.Arbitrary<stats.Result<object>>][] = [
    ["welch", fc.tuple(arms, number).map(([given, alpha]) => stats.welch(given, alpha))],
    [
      "nonInferiority",
      fc
        .tuple(arms, number)
        .map(([given, value]) =>
          stats.nonInferiority({ ...given, margin: { kind: "relative", value }, direction: "higher" }),
        ),
    ],
    [
      "twoProportion",
      fc.tuple(counts, counts).map(([candidate, control]) => stats.twoProportion({ candidate, control })),
    ],
    ["asymptoticSequence", sequence.map(stats.asymptoticSequence)],
    ["asymptoticSequenceOneSided", sequence.map(stats.asymptoticSequenceOneSided)],
    [
      "groupSequentialBoundary",
      fc.record({ alpha: number, information: number }).map(stats.groupSequentialBoundary),
    ],
    ["groupSequentialPower", fc.record({ alpha: number, power: number }).map(stats.groupSequentialPower)],
    [
      "mixtureBinomial",
      fc
        .record({
          eventsCandidate: number,
          eventsControl: number,
          candidateShare: number,
          toleratedRatio: number,
        })
        .map(stats.mixtureBinomial),
    ],
    [
      "sampleRatioEvidence",
      fc
        .tuple(number, number, number)
        .map(([a, b, w]) => stats.sampleRatioEvidence([{ observed: [a, b], weights: [w, 1] }])),
    ],
    [
      "chiSquareSampleRatio",
      fc
        .tuple(number, number, number)
        .map(([a, b, w]) => stats.chiSquareSampleRatio({ observed: [a, b], weights: [w, 1] })),
    ],
    ["stratified", fc.array(arms).map(stats.stratified)],
    ["ratioDelta", fc.record({ candidate: sums, control: sums }).map(stats.ratioDelta)],
    ["cuped", fc.record({ candidate: past, control: past }).map(stats.cuped)],
    [
      "sampleSize",
      fc
        .record({
          varianceCandidate: number,
          varianceControl: number,
          effect: number,
          alpha: number,
          sides: fc.constantFrom(1 as const, 2 as const),
          power: number,
          controlPerCandidate: number,
        })
        .map(stats.sampleSize),
    ],
    ["pairedComparison", moments.map((given) => stats.pairedComparison(given))],
    ["mcnemarExact", fc.record({ worse: number, better: number }).map(stats.mcnemarExact)],
    [
      "gatePassProbability",
      fc.record({ cases: number, discordant: number, maxRegression: number }).map(stats.gatePassProbability),
    ],
    [
      "tangoBounds",
      fc.record({ cases: number, worse: number, better: number }).map((of) => stats.tangoBounds(of)),
    ],
  ];

  it.each(functions)(
    "%s returns finite numbers or says why not, and p-values between 0 and 1",
    (_, results) => {
      fc.assert(
        fc.property(results, (result) => {
          for (const [key, value] of Object.entries(result)) {
            if (typeof value !== "number") continue;
            expect(value, key).toSatisfy(Number.isFinite);
            if (/^p([A-Z]|$)/.test(key)) expect(value >= 0 && value <= 1, `${key} ${value}`).toBe(true);
          }
        }),
        { numRuns: 2000 },
      );
    },
  );

  it("adjusted p-values are p-values", () => {
    fc.assert(
      fc.property(fc.array(number), (p) => {
        for (const adjust of [stats.holm, stats.benjaminiHochberg, stats.bonferroni])
          for (const value of adjust(p)) expect(value >= 0 && value <= 1).toBe(true);
      }),
    );
  });
});

it("A difference that is larger than any number of its errors has a score that is a number", () => {
  const arm = (mean: number) => ({ n: 100, mean, variance: 1e-20 });
  const found = contrast([{ candidate: arm(1e300), control: arm(0) }], 1, -1)!;
  expect(Number.isFinite(found.z)).toBe(true);
  expect(found.z).toBeGreaterThan(1e100);
});
