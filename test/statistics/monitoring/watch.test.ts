import { describe, expect, test } from "vitest";
import type { RateMonitor } from "../../../src/domain/monitors/monitor.ts";
import { logBucket, ZERO_BUCKET } from "../../../src/statistics/log-histogram.ts";
import { acceptedRate } from "../../../src/statistics/monitoring/accepted-rate.ts";
import {
  alarmLevel,
  evidenceOf,
  hoursToFind,
  NO_EVIDENCE,
  observe,
} from "../../../src/statistics/monitoring/e-detector.ts";
import { type HourOfMetric, referenceOf } from "../../../src/statistics/monitoring/reference.ts";
import {
  anew,
  beginWatch,
  countHours,
  HOUR_MS,
  isOver,
  riseOf,
  type Watch,
  withReference,
} from "../../../src/statistics/monitoring/watch.ts";

const ERRORS: RateMonitor = {
  kind: "rate",
  metric: "error",
  counting: { values: "above", value: 0 },
  tolerate: 0.1,
};

function hourOf(hour: number, x: number, n: number): HourOfMetric {
  return {
    hour: hour * HOUR_MS,
    values: new Map([
      [ZERO_BUCKET, n - x],
      [logBucket(1), x],
    ]),
  };
}
const hours = (from: number, count: number, x: number, n: number) =>
  Array.from({ length: count }, (_, at) => hourOf(from + at, x, n));

/** Two weeks of 2 % of 200 calls an hour, then an hour at a time until it rings. */
function watched(): Watch {
  return withReference(beginWatch(336 * HOUR_MS), hours(0, 336, 4, 200), ERRORS, 200);
}
function ring(start: Watch, x: (hour: number) => number, monitors = 200) {
  const seen: HourOfMetric[] = [];
  let watch = start;
  for (let at = 0; at < 336; at++) {
    seen.push(hourOf(336 + at, x(at), 200));
    watch = countHours(watch, seen, ERRORS, { end: (337 + at) * HOUR_MS, isOpen: false });
    const rise = riseOf(watch, seen, ERRORS, monitors);
    if (rise) return { at, rise, watch };
  }
  return undefined;
}

describe("the detector", () => {
  test("is the likelihood ratio of its alternatives, as the formula says", () => {
    // r = 2: (0.02/0.01)^3 (0.98/0.99)^97; r = 1.25 and the others alike, each times M + 1 = 1.
    const [first, , second] = observe(NO_EVIDENCE, { x: 3, n: 100 }, 0.01);
    expect(first).toBeCloseTo(1.25 ** 3 * (0.9875 / 0.99) ** 97, 12);
    expect(second).toBeCloseTo(2 ** 3 * (0.98 / 0.99) ** 97, 12);
    const twice = observe(observe(NO_EVIDENCE, { x: 3, n: 100 }, 0.01), { x: 3, n: 100 }, 0.01);
    expect(twice[2]).toBeCloseTo((second! + 1) * second!, 10);
    expect(observe(twice, { x: 0, n: 0 }, 0.01)).toEqual(twice);
    expect(evidenceOf(observe(NO_EVIDENCE, { x: 1e6, n: 1e6 }, 1e-6))).toBeLessThan(Infinity);
  });

  test("its mean under the accepted rate is no more than the ticks that have gone by", () => {
    // E[M] of one tick, exactly, by the binomial of 50 calls: 1 for every p <= p0 or below.
    for (const p of [0.05, 0.04, 0.01]) {
      let mean = 0;
      let weight = (1 - p) ** 50;
      for (let x = 0; x <= 50; x++) {
        mean += weight * evidenceOf(observe(NO_EVIDENCE, { x, n: 50 }, 0.05));
        weight *= (((50 - x) / (x + 1)) * p) / (1 - p);
      }
      expect(mean).toBeLessThanOrEqual(1 + 1e-9);
      if (p === 0.05) expect(mean).toBeCloseTo(1, 9);
    }
    expect(alarmLevel(200)).toBe(2_184 * 200);
  });
});

describe("a monitor", () => {
  test("finds a doubling of 2 % at 200 calls an hour within a day, and says since when", () => {
    const found = ring(watched(), (at) => (at < 24 ? 4 : 8));
    expect(found).toBeDefined();
    expect(found!.at - 24).toBeLessThan(24);
    expect(found!.rise.since).toBe((336 + 24) * HOUR_MS);
    expect(found!.rise.x / found!.rise.n).toBeCloseTo(0.04, 12);
    const expected = hoursToFind(0.04, 200, watched().p0!, alarmLevel(200))!;
    expect(Math.abs(found!.at - 24 - expected)).toBeLessThan(6);
  });

  test("does not ring for what is as it was, a tenth more, or better", () => {
    for (const x of [4, 4.4, 1]) expect(ring(watched(), () => x)).toBeUndefined();
  });

  test("never rings for hours without an event, however many there are and however few share the promise", () => {
    const rare: RateMonitor = { ...ERRORS, limit: 0.0001 };
    const seen = hours(0, 20_000, 0, 2);
    const watch = countHours(beginWatch(0), seen, rare, { end: 1e12, isOpen: false });
    expect(evidenceOf(watch.detectors)).toBeGreaterThan(alarmLevel(1));
    expect(riseOf(watch, seen, rare, 1)).toBeUndefined();
  });

  test("counts each hour once, whatever is read again", () => {
    const once = countHours(watched(), hours(336, 5, 9, 200), ERRORS, { end: 341 * HOUR_MS, isOpen: false });
    const again = countHours(once, hours(330, 11, 9, 200), ERRORS, { end: 341 * HOUR_MS, isOpen: false });
    expect(again.detectors).toEqual(once.detectors);
  });

  test("is over where the rate is back, and not while it is worse", () => {
    const alert = anew(ring(watched(), () => 12)!.watch);
    const after = (x: number) => {
      const from = alert.until / HOUR_MS;
      return countHours(alert, hours(from, 48, x, 200), ERRORS, { end: (from + 48) * HOUR_MS, isOpen: true });
    };
    expect(isOver(after(4))).toBe(true);
    expect(isOver(after(9))).toBe(false);
  });

  test("knows its limits before there is a reference, and never rings without either", () => {
    const limited: RateMonitor = { ...ERRORS, limit: 0.2 };
    const bad = hours(0, 3, 100, 200);
    const counted = (spec: RateMonitor) =>
      countHours(beginWatch(0), bad, spec, { end: 3 * HOUR_MS, isOpen: false });
    expect(riseOf(counted(limited), bad, limited, 200)).toMatchObject({ since: 0, accepted: 0.2 });
    expect(riseOf(counted(ERRORS), bad, ERRORS, 200)).toBeUndefined();
  });
});

describe("a reference", () => {
  test("takes a whole day and 500 calls, the worst hour of the day, and its own uncertainty", () => {
    expect(referenceOf(hours(0, 23, 4, 200), ERRORS, 1)).toBeUndefined();
    expect(referenceOf(hours(0, 24, 0, 20), ERRORS, 1)).toBeUndefined();
    // 500 calls without an event: what is accepted is what they cannot exclude, 1 - (1/400)^(1/500).
    const young = Array.from({ length: 25 }, (_, at) => ({ hourOfDay: at % 24, x: 0, n: 20 }));
    expect(acceptedRate(young, { tolerate: 0.1, monitors: 200 })).toBeCloseTo(1 - (1 / 400) ** (1 / 500), 6);
    // One hour of the day that is worse, each day: shrunk to the mean by 200 calls.
    const nights = Array.from({ length: 336 }, (_, at) => ({
      hourOfDay: at % 24,
      x: at % 24 === 3 ? 30 : 2,
      n: 100,
    }));
    const mean = (30 + 23 * 2) / 2_400;
    expect(acceptedRate(nights, { tolerate: 0.1, monitors: 200 })).toBeCloseTo(
      (1.1 * (14 * 30 + 200 * mean)) / (14 * 100 + 200),
      9,
    );
  });

  test("says from where on an answer is slow, or a request has grown", () => {
    const values = new Map([
      [logBucket(100), 90],
      [logBucket(1_000), 9],
      [logBucket(5_000), 1],
    ]);
    const many = Array.from({ length: 30 }, (_, hour) => ({ hour: hour * HOUR_MS, values }));
    const slow = referenceOf(many, { ...ERRORS, counting: { values: "above_usual" } }, 1)!;
    expect(slow.reference).toMatchObject({
      rate: 0.01,
      counted: { bucket: logBucket(1_000), side: "above" },
    });
    const grown = referenceOf(many, { ...ERRORS, counting: { values: "grown", by: 0.1 } }, 1)!;
    expect(grown.reference.rate).toBeCloseTo(0.1, 12);
    const low = referenceOf(many, { ...ERRORS, counting: { values: "at_most", value: 100 } }, 1);
    expect(low).toMatchObject({ p0: undefined, reference: { rate: 0.9 } });
  });
});
