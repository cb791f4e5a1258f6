import { describe, expect, it } from "vitest";
import { FAULTS } from "../../../../scripts/proofs/chaos/faults.ts";
import { planSchedule, SCHEDULE_MS } from "../../../../scripts/proofs/chaos/plan-schedule.ts";

describe("a schedule of faults and operations", () => {
  it("is the same for the same seed, and another one for another", () => {
    expect(planSchedule(7)).toEqual(planSchedule(7));
    expect(planSchedule(7)).not.toEqual(planSchedule(8));
  });

  it("leaves no kind of fault out for long, and something is asked for during each", () => {
    const faults = Array.from({ length: 50 }, (_, seed) => planSchedule(seed).faults).flat();
    expect(new Set(faults.map(({ fault }) => fault))).toEqual(new Set(FAULTS));
    expect(faults.filter(({ operators }) => operators.flat().length === 0)).toEqual([]);
    const inTurn = faults.filter(({ operators }) => operators.length === 1);
    expect(inTurn.length / faults.length).toBeCloseTo(0.5, 1);
    for (const { operators } of inTurn) expect(new Set(operators[0]!.map(({ scope }) => scope)).size).toBe(1);
  });

  it("makes one fault at a time in each lane, alone and in combination, within its time", () => {
    const lanesAtOnce = new Set<number>();
    for (let seed = 0; seed < 50; seed++) {
      const { faults, operators } = planSchedule(seed);
      const free = new Map<string, number>();
      for (const { lane, at, forMs } of faults) {
        expect(at).toBeGreaterThan(free.get(lane) ?? 0);
        expect(at).toBeLessThan(SCHEDULE_MS);
        free.set(lane, at + forMs);
      }
      lanesAtOnce.add(free.size);
      const tags = [...operators.flat(), ...faults.flatMap(({ operators }) => operators.flat())].map(
        ({ tag }) => tag,
      );
      expect(new Set(tags).size).toBe(tags.length);
    }
    expect([...lanesAtOnce].toSorted((a, b) => a - b)).toEqual([1, 2, 3, 5]);
  });
});
