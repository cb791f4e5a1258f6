import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { armOf, bucketOf, BUCKETS, murmur3 } from "../../../src/domain/rollout/assignment.ts";
import { Bucketer } from "../../../src/resolver/serving/bucketer.ts";
import { anyText } from "../../support/any-text.ts";

const UNITS = 100_000;
const unit = (i: number) => `user-${i}`;

/** Chi-square of counts against an even spread; its mean is the degrees of freedom, its variance twice that. */
function chiSquare(counts: readonly number[]): number {
  const expected = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

describe("murmur3, so that another language can do the same", () => {
  it.each([
    ["", 0x0],
    ["hello", 0x248bfa47],
    ["hello, world", 0x149bbb7f],
    ["The quick brown fox jumps over the lazy dog", 0x2e4ff723],
    ["é", 0x10110787],
    ["日本語", 0xa5a47297],
    ["👋 hi", 0xeb4f7302],
  ])("of %j", (text, expected) => {
    expect(murmur3(new TextEncoder().encode(text)).toString(16)).toBe(expected.toString(16));
  });
});

describe("a bucketer", () => {
  it("finds the bucket that bucketOf finds, for every salt and unit", () => {
    const text = fc.oneof(fc.string(), anyText(), fc.uuid());
    fc.assert(
      fc.property(text, text, (salt, name) => {
        expect(new Bucketer(salt).bucket(name)).toBe(bucketOf(salt, name));
      }),
      { numRuns: 2_000 },
    );
  });

  it("does so for units of any length", () => {
    const bucketer = new Bucketer("salt");
    for (const length of [1_023, 1_024, 1_025, 10_000])
      for (const name of ["a".repeat(length), "日".repeat(length)])
        expect(bucketer.bucket(name)).toBe(bucketOf("salt", name));
  });
});

describe("the split of 100,000 units", () => {
  const bucketer = new Bucketer("0f8fad5b-d9cb-469f-a165-70867728950e");

  it("is 5 / 5 / 90 within statistical error", () => {
    const counts = { candidate: 0, control: 0, unenrolled: 0 };
    for (let i = 0; i < UNITS; i++) counts[armOf(bucketer.bucket(unit(i)), 500)]++;
    // Five standard deviations of a binomial with p = 0.05.
    const tolerance = 5 * Math.sqrt(UNITS * 0.05 * 0.95);
    expect(Math.abs(counts.candidate - UNITS * 0.05)).toBeLessThan(tolerance);
    expect(Math.abs(counts.control - UNITS * 0.05)).toBeLessThan(tolerance);
    expect(counts.unenrolled).toBe(UNITS - counts.candidate - counts.control);
  });

  it("moves no enrolled unit when 5 % becomes 25 %, and enrols more", () => {
    let enrolled = 0;
    let later = 0;
    for (let i = 0; i < UNITS; i++) {
      const bucket = bucketer.bucket(unit(i));
      const before = armOf(bucket, 500);
      const after = armOf(bucket, 2_500);
      if (before !== "unenrolled") {
        enrolled++;
        expect(after).toBe(before);
      }
      if (after !== "unenrolled") later++;
    }
    expect(later).toBeGreaterThan(4 * enrolled);
  });

  it("is uniform over the buckets", () => {
    const counts = Array.from({ length: 100 }, () => 0);
    for (let i = 0; i < UNITS; i++) counts[Math.floor((bucketer.bucket(unit(i)) * 100) / BUCKETS)]!++;
    // 99 degrees of freedom: 99.9 % of such sums are below 148.
    expect(chiSquare(counts)).toBeLessThan(148);
  });

  it("in one rollout says nothing about the split in another", () => {
    const other = new Bucketer("7c9e6679-7425-40de-944b-e07fc1f90ae7");
    const cells = Array.from({ length: 100 }, () => 0);
    const tenth = (bucket: number) => Math.floor((bucket * 10) / BUCKETS);
    for (let i = 0; i < UNITS; i++)
      cells[tenth(bucketer.bucket(unit(i))) * 10 + tenth(other.bucket(unit(i)))]!++;
    expect(chiSquare(cells)).toBeLessThan(148);
  });
});
