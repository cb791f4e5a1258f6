import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addValue, mergeMoments, NO_MOMENTS, variance, type Moments } from "../../src/statistics/moments.ts";

const values = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 60 });

function agree(a: Moments, b: Moments): boolean {
  return (
    a.n === b.n &&
    Math.abs(a.mean - b.mean) <= 1e-9 * Math.max(1, Math.abs(b.mean)) &&
    Math.abs(a.m2 - b.m2) <= 1e-9 * Math.max(1, b.m2)
  );
}

describe("Moments", () => {
  it("are the same in whatever order values come and however they are batched", () => {
    fc.assert(
      fc.property(
        values.chain((all) =>
          fc.tuple(
            fc.constant(all),
            fc.shuffledSubarray(all, { minLength: all.length }),
            fc.array(fc.integer({ min: 0, max: 4 }), { minLength: all.length, maxLength: all.length }),
          ),
        ),
        ([all, shuffled, batchOf]) => {
          const batches = [0, 1, 2, 3, 4].map((batch) =>
            shuffled.filter((_, i) => batchOf[i] === batch).reduce(addValue, NO_MOMENTS),
          );
          const merged = batches.reduce(mergeMoments, NO_MOMENTS);
          expect(agree(merged, all.reduce(addValue, NO_MOMENTS))).toBe(true);
        },
      ),
    );
  });

  it("keep the variance of small differences on a large offset, where sums of squares lose it", () => {
    const far = [4, 7, 13, 16].map((x) => 1e9 + x).reduce(addValue, NO_MOMENTS);
    expect(variance(far)).toBeCloseTo(30, 9);
  });
});
