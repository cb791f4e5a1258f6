import { describe, expect, it } from "vitest";
import { murmur3, type Arm } from "../../../src/domain/rollout/assignment.ts";
import { CellRanks } from "../../../src/domain/rollout/cell-assignment.ts";
import { byBucket, byRank, falseAlarms, usersByCell } from "../../support/cell-splits.ts";

const SALT = "0f8fad5b-d9cb-469f-a165-70867728950e";
const cellsOf = (digits: number) =>
  Array.from({ length: 16 ** digits }, (_, cell) => cell.toString(16).padStart(digits, "0"));
const armsOf = (digits: number, share: number): Arm[] => {
  const ranks = new CellRanks(SALT);
  return cellsOf(digits).map((cell) => ranks.armOf(cell, share));
};
const count = (arms: readonly Arm[], arm: Arm) => arms.filter((one) => one === arm).length;

describe("the arm of a cell", () => {
  it.each([
    [1, 500, 1],
    [1, 5_000, 8],
    [2, 500, 13],
    [2, 2_500, 64],
    [2, 1, 1],
    [2, 0, 0],
    [3, 500, 205],
    [4, 500, 3_277],
    [4, 5_000, 32_768],
  ])("with %i digits and a share of %i is each arm's in %i cells", (digits, share, expected) => {
    const arms = armsOf(digits, share);
    expect([count(arms, "candidate"), count(arms, "control")]).toEqual([expected, expected]);
  });

  it("goes by the order of murmur3 of the salt, a mark and the cell", () => {
    const hash = (cell: string) => murmur3(new TextEncoder().encode(`${SALT}:~${cell}`));
    const order = cellsOf(2).toSorted((a, b) => hash(a) - hash(b) || (a < b ? -1 : 1));
    const ranks = new CellRanks(SALT);
    const arms = order.map((cell) => ranks.armOf(cell, 1_000));
    const middle = Array.from({ length: 204 }, () => "unenrolled");
    expect(arms).toEqual([
      ...Array.from({ length: 26 }, () => "candidate"),
      ...middle,
      ...Array.from({ length: 26 }, () => "control"),
    ]);
    // As another language has to find them.
    expect(order.slice(0, 4)).toEqual(["cd", "12", "ce", "1e"]);
  });

  it.each([1, 2, 3])("with %i digits stays what it is when the share grows", (digits) => {
    const shares = [100, 500, 2_500, 5_000];
    const growing = shares.map((share) => armsOf(digits, share));
    const moved = growing
      .slice(1)
      .flatMap((after, i) =>
        growing[i]!.filter((before, cell) => before !== "unenrolled" && after[cell] !== before),
      );
    expect(moved).toEqual([]);
  });
});

describe("the split of 20,000 users by the cells of their digests", () => {
  it.each([
    [2, 500],
    [2, 2_500],
    [3, 500],
    [3, 2_500],
  ])("with %i digits and a share of %i looks even; by hashed buckets it would not", (digits, share) => {
    const cells = usersByCell(20_000, digits);
    expect(falseAlarms(cells, byRank(share), 60, 1)).toBe(0);
    expect(falseAlarms(cells, byBucket(share), 60, 1)).toBeGreaterThan(5);
  });
});
