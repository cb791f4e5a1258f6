import { describe, expect, it } from "vitest";
import {
  bandPath,
  type Curve,
  firstTested,
  hasMirror,
  heightsOf,
  linePath,
  mirrored,
  rangeOf,
  spread,
} from "../../src/web/chart/curve.ts";
import { scaleOf, ticksOf } from "../../src/web/chart/scale.ts";
import { howLong } from "../../src/web/screens/rollout/how-long.ts";
import { figure, percentage, signed } from "../../src/web/parts/numbers.ts";

const CURVE: Curve = {
  at: [1, 2, 3, 4],
  estimate: [0.1, 0.1, 0.1, 0.1],
  best: [9, 0.5, 0.4, 0.3],
  worst: [null, null, -0.2, -0.1],
  harmLine: [0, 0, 0, 0],
  claimLine: [null, null, -0.3, -0.3],
};

describe("how long a stage still takes", () => {
  const hours = (count: number) => new Date(count * 3_600_000).toISOString();
  const stage = { until: hours(9), unitsLeft: 300 };

  it("is told by what came in the last hours, and not sooner than its time is over", () => {
    // 100 an hour of the smaller group since hour 4; what came before is too long ago.
    const curve = {
      at: [0, 4, 10].map(hours),
      units: { new: [0, 400, 1_000], current: [0, 500, 1_200] },
    };
    expect(howLong(stage, curve)).toEqual({ users: 300, at: new Date(hours(13)) });
    expect(howLong({ ...stage, until: hours(40) }, curve)?.at).toEqual(new Date(hours(40)));
  });

  it("is not guessed where nobody comes, and not told where nobody is lacking", () => {
    const silent = { at: [0, 1].map(hours), units: { new: [5, 5], current: [5, 9] } };
    expect(howLong(stage, silent)).toEqual({ users: 300, at: null });
    expect(howLong(stage, { at: [], units: { new: [], current: [] } })).toEqual({ users: 300, at: null });
    expect(howLong({ ...stage, unitsLeft: 0 }, silent)).toBeUndefined();
    expect(howLong(null, silent)).toBeUndefined();
  });
});

describe("a curve as it is drawn", () => {
  it("leaves the wide beginning of a range out of what decides how high it is", () => {
    const [low, high] = rangeOf(CURVE);
    expect([low, high]).toEqual([expect.closeTo(-0.364), expect.closeTo(0.564)]);
  });

  it("has a gap where nothing was tested", () => {
    expect(linePath([0, 10, 20, 30], [1, null, 3, 4])).toBe("M0.0 1.0h0M20.0 3.0h0L30.0 4.0");
    expect(bandPath([0, 10, 20], [1, 1, null], [3, 3, 3])).toBe("M0.0 1.0L10.0 1.0L10.0 3.0L0.0 3.0Z");
  });

  it("mirrors the tested edge until the other one is tested, without a gap between them", () => {
    expect(mirrored(CURVE)).toEqual([expect.closeTo(-8.8), expect.closeTo(-0.3), expect.closeTo(-0.2), null]);
  });

  it("is past its line by a pixel at least where that decides, and never where it does not", () => {
    const line = [0, 0, 0, null, 0];
    const edge = [0.5, 0.001, -0.001, 1, null];
    // A value of 1 is 10 pixels, upwards.
    const heightOf = (value: number) => 100 - 10 * value;
    expect(heightsOf({ edge, line, past: "below" }, heightOf)).toEqual([95, 99.99, 101, 90, null]);
    expect(heightsOf({ edge, line, past: "above" }, heightOf)).toEqual([95, 99, 100.01, 90, null]);
  });

  it("says from which look on its lower side is tested", () => {
    expect([firstTested(CURVE), hasMirror(CURVE)]).toEqual([2, true]);
    const tested = { ...CURVE, worst: CURVE.estimate };
    expect([firstTested(tested), firstTested({ ...CURVE, worst: [null, null, null, null] })]).toEqual([
      undefined,
      undefined,
    ]);
  });

  it("pushes labels apart that would lie over each other, and keeps their order", () => {
    expect(spread([100, 20, 101, 60], 15)).toEqual([100, 20, 115, 60]);
  });

  it("has round values on its axis, and about as many as were asked for", () => {
    expect(ticksOf(-0.364, 0.564, 5)).toEqual([-0.2, 0, 0.2, 0.4]);
    expect(ticksOf(3, 3, 5)).toEqual([3]);
    expect(scaleOf(0, 10, 100, 0).of(2.5)).toBe(75);
    expect(scaleOf(4, 4, 0, 100).of(4)).toBe(50);
  });

  it("writes numbers with as many digits as can be read, and no sign on nothing", () => {
    expect([0.00312, 4.0512, 61.44, 12_345.6].map(figure)).toEqual(["0.0031", "4.05", "61.4", "12,346"]);
    expect([0.06, -12.34, 0, -0.00001].map(signed)).toEqual(["+0.06", "−12.3", "0", "0"]);
    expect(percentage(0.01234)).toBe("1.2 %");
  });
});
