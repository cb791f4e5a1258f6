import { describe, expect, test } from "vitest";
import { type CallsByHour, hushOf, leastHeard } from "../../../src/statistics/monitoring/silence.ts";

const HOUR = 3_600_000;
/** The end of a Wednesday's hour, at 12:00 UTC. */
const END = Date.parse("2026-03-18T12:00:00Z");

/** So many calls in each hour of the days before, by hours before the end. */
function callsOf(calls: (hoursAgo: number, hour: Date) => number, days = 14): CallsByHour {
  const entries = Array.from({ length: days * 24 + 3 }, (_, at): [number, number] => {
    const hour = END - (at + 1) * HOUR;
    return [hour, calls(at + 1, new Date(hour))];
  });
  return new Map(entries.filter(([, n]) => n > 0));
}
const steady = (n: number, now = n) => callsOf((ago) => (ago <= 3 ? now : n));
const look = (scope: CallsByHour, more: Partial<Parameters<typeof hushOf>[0]> = {}) =>
  hushOf({ scope, rest: steady(50), end: END, hours: 3, monitors: 1, isLeftOut: () => false, ...more });

describe("silence", () => {
  test("is at most a tenth of the fewest calls of comparable days, where that is no chance", () => {
    expect(look(steady(20, 0))).toEqual({ calls: 0, fewest: 60, days: 10, isSilent: true, isOver: false });
    expect(look(steady(20, 2))).toMatchObject({ calls: 6, isSilent: true });
    expect(look(steady(20, 3))).toMatchObject({ calls: 9, isSilent: false, isOver: false });
    expect(look(steady(20, 10))).toMatchObject({ calls: 30, isSilent: false, isOver: true });
    expect([leastHeard(1), leastHeard(200)]).toEqual([16, 26]);
    // Of 18 calls in three hours none comes: of one monitor no chance, of 200 it may be.
    expect(look(steady(5, 0))).toMatchObject({ fewest: 15, isSilent: false });
    expect(look(steady(6, 0))).toMatchObject({ fewest: 18, isSilent: true });
    expect(look(steady(6, 0), { monitors: 200 })).toMatchObject({ isSilent: false });
    expect(look(steady(9, 0), { monitors: 200 })).toMatchObject({ fewest: 27, isSilent: true });
  });

  test("is not what the same hours, or the same kind of day, are without as well", () => {
    const atNight = callsOf((ago, hour) => (ago > 3 && hour.getUTCHours() >= 12 ? 100 : 0));
    expect(look(atNight)).toMatchObject({ fewest: 0, isSilent: false, isOver: false });
    const saturday = Date.parse("2026-03-14T12:00:00Z");
    const onWorkdays = callsOf((_, hour) => (hour.getUTCDay() % 6 === 0 ? 0 : 100));
    expect(look(onWorkdays)).toMatchObject({ days: 10, isSilent: false, isOver: true });
    expect(look(onWorkdays, { end: saturday })).toBeUndefined();
    // One quiet working day is as quiet as it may be.
    const once = callsOf((ago) => (ago <= 3 ? 5 : ago > 48 && ago <= 72 ? 40 : 200));
    expect(look(once)).toMatchObject({ fewest: 120, calls: 15, isSilent: false });
  });

  test("is not while everybody else is low too, nor told by fewer than four days", () => {
    expect(look(steady(20, 0), { rest: steady(50, 20) })).toMatchObject({ isSilent: false });
    expect(look(steady(20, 0), { rest: steady(50, 25) })).toMatchObject({ isSilent: true });
    expect(look(steady(20, 0), { rest: new Map() })).toMatchObject({ isSilent: true });
    const young = (days: number) => callsOf((ago) => (ago <= 3 ? 0 : 20), days);
    expect(look(young(5))).toBeUndefined();
    expect(look(young(6))).toMatchObject({ days: 4, isSilent: true });
  });

  test("holds nothing against hours in which it was silent before", () => {
    const before = callsOf((ago) => (ago <= 3 || (ago > 24 && ago <= 30) ? 0 : 20));
    expect(look(before)).toMatchObject({ fewest: 0, isSilent: false });
    const isLeftOut = (hour: number) => END - hour > 24 * HOUR && END - hour <= 30 * HOUR;
    expect(look(before, { isLeftOut })).toMatchObject({ fewest: 60, days: 9, isSilent: true });
  });
});
