import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  bucketLimit,
  histogramQuantile,
  logBucket,
  winsorCap,
  ZERO_BUCKET,
} from "../../src/statistics/log-histogram.ts";

function histogramOf(values: readonly number[]): Map<number, number> {
  const histogram = new Map<number, number>();
  for (const value of values) histogram.set(logBucket(value), (histogram.get(logBucket(value)) ?? 0) + 1);
  return histogram;
}

describe("A log histogram", () => {
  it("puts every positive value under its bucket's limit, by 4.5 % at the most, in a 16-bit bucket", () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-300, max: 1e308, noNaN: true }), (value) => {
        const bucket = logBucket(value);
        expect(bucket).toBeGreaterThan(ZERO_BUCKET);
        expect(bucket).toBeLessThanOrEqual(32_767);
        expect(bucketLimit(bucket) / value).toBeGreaterThan(1 - 1e-9);
        expect(bucketLimit(bucket) / value).toBeLessThan(1.0443);
      }),
    );
  });

  it("keeps 0 and less apart", () => {
    expect([0, -1, -0].map(logBucket)).toEqual([ZERO_BUCKET, ZERO_BUCKET, ZERO_BUCKET]);
    expect(bucketLimit(ZERO_BUCKET)).toBe(0);
  });

  it("finds quantiles", () => {
    const histogram = histogramOf(Array.from({ length: 1000 }, (_, i) => i + 1));
    expect(histogramQuantile(histogram, 0.5)! / 500).toBeCloseTo(1, 1);
    expect(histogramQuantile(new Map(), 0.5)).toBeNull();
  });
});

describe("A winsorising cap", () => {
  it("is the 99.9th percentile of the history, for cost the 99th", () => {
    const history = histogramOf(Array.from({ length: 20_000 }, (_, i) => i + 1));
    expect(winsorCap("latency_ms", history).cap! / 19_980).toBeCloseTo(1, 1);
    expect(winsorCap("cost_usd", history).cap! / 19_800).toBeCloseTo(1, 1);
  });

  it("is none without enough history, and says so", () => {
    const { cap, note } = winsorCap("latency_ms", histogramOf([1, 2, 3]));
    expect(cap).toBeNull();
    expect(note).toBe("latency_ms is not capped: 3 values of history, 10000 are needed");
  });
});
