import { describe, expect, it } from "vitest";
import { cutIntoBatches } from "../../activities/evaluation-batches.ts";

describe("batches of an evaluation", () => {
  it.each([0, 1, 50, 51, 10_000, 60_000, 1_000_001])("are every one of %i runs once", (total) => {
    const { batches } = cutIntoBatches(total);
    let next = 0;
    for (const [from, to] of batches) {
      expect(from).toBe(next);
      expect(to).toBeGreaterThan(from);
      next = to;
    }
    expect(next).toBe(total);
  });

  it("are never so many that the history grows past what Temporal likes", () => {
    // Six events a batch, and a workflow's own few.
    for (const total of [10_000, 60_000, 1_000_000])
      expect(cutIntoBatches(total).batches.length * 6).toBeLessThan(2_000);
  });

  it("are small where there are few, so that a restart repeats little", () => {
    expect(cutIntoBatches(600).batches.every(([from, to]) => to - from <= 50)).toBe(true);
  });
});
