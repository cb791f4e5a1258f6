import { describe, expect, it } from "vitest";
import { FAULTS, planSchedule, SCHEDULE_MS } from "../../../../scripts/proofs/chaos/plan-schedule.ts";

describe("a schedule of faults and operations", () => {
  it("is the same for the same seed, and another one for another", () => {
    expect(planSchedule(7)).toEqual(planSchedule(7));
    expect(planSchedule(7)).not.toEqual(planSchedule(8));
  });

  it("leaves no kind of fault out for long, and something is asked for during each", () => {
    const faults = Array.from({ length: 20 }, (_, seed) => planSchedule(seed).faults).flat();
    expect(new Set(faults.map(({ fault }) => fault))).toEqual(new Set(FAULTS));
    expect(faults.filter(({ operations }) => operations.length === 0)).toEqual([]);
  });

  it("makes one fault at a time, within its time", () => {
    for (let seed = 0; seed < 50; seed++) {
      const { faults, operators } = planSchedule(seed);
      let free = 0;
      for (const { at, forMs } of faults) {
        expect(at).toBeGreaterThan(free);
        expect(at).toBeLessThan(SCHEDULE_MS);
        free = at + forMs;
      }
      const tags = [...operators.flat(), ...faults.flatMap(({ operations }) => operations)].map(
        ({ tag }) => tag,
      );
      expect(new Set(tags).size).toBe(tags.length);
    }
  });
});
