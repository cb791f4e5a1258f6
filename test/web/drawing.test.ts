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
  rowsOf,
  spread,
} from "../../src/web/chart/curve.ts";
import { factorTicksOf, scaleOf, ticksOf } from "../../src/web/chart/scale.ts";
import type { RolloutHistory } from "../../src/domain/shapes/rollout-record.ts";
import type { MetricCurve } from "../../src/domain/shapes/curve.ts";
import { marksOf } from "../../src/web/screens/rollout/curve-marks.ts";
import type { ShownRollout } from "../../src/web/screens/rollout/shown-rollout.ts";
import { happenedOnTheWay, stepsOf } from "../../src/web/screens/rollout/steps.ts";
import { factorsOf } from "../../src/web/screens/rollout/factors.ts";
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

describe("the way of a rollout", () => {
  const entry = (action: string, hour: number, details: object = {}) => ({
    action,
    details,
    at: new Date(hour * 3_600_000).toISOString(),
  });
  const status = {
    phase: "canary",
    outcome: null,
    stage: 2,
    waitingFor: "promote",
    gate: { verdict: "pass" },
    endedAt: null,
  } as unknown as ShownRollout;
  const record = {
    policy: {
      approval: { before: ["canary", "promote"] },
      watch: { for_ms: 1, holdback: 500 },
      canary: { stages: [{ share: 500 }, { share: 2_500 }] },
    },
    approvals: [{ point: "canary", decision: "approve", login: "sluice", asserted: "ann" }],
    audit: [
      entry("stage_opened", 1, { stage: 1 }),
      entry("stage_opened", 2, { stage: 1 }),
      entry("paused", 3),
      entry("stage_opened", 4, { stage: 2 }),
    ],
  } as unknown as RolloutHistory;

  it("has who agreed, when each share was opened first, and what waits", () => {
    const steps = stepsOf(status, record).map(({ name, state, fact, at }) => [name, state, fact ?? at]);
    expect(steps).toEqual([
      ["Tests", "done", "passed"],
      ["Approval", "done", "ann"],
      ["5 %", "done", entry("", 1).at],
      ["25 %", "now", entry("", 4).at],
      ["Approval to release", "now", "waits for a yes"],
      ["Everybody", "later", "not yet"],
      ["Watched", "later", "not yet"],
    ]);
  });

  it("says what else happened on it, in order", () => {
    const marks = [{ at: entry("", 1.5).at, kind: "unattended", text: "the lease was over" }];
    expect(happenedOnTheWay(record, { marks })).toEqual([
      { at: entry("", 1.5).at, text: "unattended: no worker had looked" },
      { at: entry("", 2).at, text: "opened again: users are counted anew" },
      { at: entry("", 3).at, text: "paused" },
    ]);
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

  it("tells what is rare as factors, on the side of its line that decides, and further up the less often", () => {
    const rare: MetricCurve = {
      role: "guardrail",
      kind: "rare",
      direction: "lower",
      claim: "limit",
      new: [0.02, 0.02, 0],
      current: [0.01, 0.01, 0.01],
      diff: [0.01, 0.01, -0.01],
      harmScale: "ratio",
      bestCase: [1.4, 1.6, null],
      harmLine: [1.5, 1.5, 1.5],
      claimScale: "increase",
      worstCase: [null, 0.04, 0.06],
      claimLine: [null, 0.05, 0.05],
      since: { met: null, harm: null },
    };
    const drawn = factorsOf(rare);
    expect(drawn.estimate).toEqual([expect.closeTo(-Math.log10(2)), expect.closeTo(-Math.log10(2)), null]);
    const isHarm = drawn.best.map((best, at) => best !== null && best < drawn.harmLine[at]!);
    const isMet = drawn.worst.map((worst, at) => worst !== null && worst > drawn.claimLine[at]!);
    expect({ isHarm, isMet }).toEqual({ isHarm: [false, true, false], isMet: [false, true, false] });
    // 1 + 0.05 / 0.01 times as often is what the claim allows.
    expect(drawn.claimLine[1]).toBeCloseTo(-Math.log10(6));
    expect(rangeOf({ ...CURVE, isFactor: true, best: [9, 9, 9, 9] })[1]).toBeLessThan(2.5);
    expect(factorTicksOf(-1, 1, 9).map((tick) => Number((10 ** tick).toFixed(2)))).toEqual([
      0.1, 0.2, 0.5, 1, 2, 5, 10,
    ]);
    expect(factorTicksOf(-2, 2, 5)).toEqual([-2, -1, 0, 1, 2]);
  });

  it("has what happened at its time, or at the users who had come by then, each in a row of its own", () => {
    const at = [1, 2, 3].map((hour) => new Date(hour * 3_600_000).toISOString());
    const found = {
      at,
      units: { new: [10, 20, 30], current: [12, 18, 40] },
      marks: [
        { at: new Date(2.5 * 3_600_000).toISOString(), kind: "paused", text: "paused by ann: look" },
        { at: at[2]!, kind: "stage_opened", text: "25 %: stage 2" },
        { at: at[2]!, kind: "rollout_ended", text: "ended" },
      ],
    };
    expect(marksOf(found, "users")).toEqual([
      { at: 18, text: "paused" },
      { at: 30, text: "25 %" },
    ]);
    expect(marksOf(found, "time").map((mark) => mark.at)).toEqual([9_000_000, 10_800_000]);
    const words = [0, 10, 20, 60].map((x) => ({ x, width: 50 }));
    expect(rowsOf(words, 2)).toEqual([0, 1, 2, 0]);
  });

  it("writes numbers with as many digits as can be read, and no sign on nothing", () => {
    expect([0.00312, 4.0512, 61.44, 12_345.6].map(figure)).toEqual(["0.0031", "4.05", "61.4", "12,346"]);
    expect([0.06, -12.34, 0, -0.00001].map(signed)).toEqual(["+0.06", "−12.3", "0", "0"]);
    expect(percentage(0.01234)).toBe("1.2 %");
  });
});
