import type { RateMonitor } from "../../../src/domain/monitors/monitor.ts";
import { logBucket, ZERO_BUCKET } from "../../../src/statistics/log-histogram.ts";
import type { HourOfMetric } from "../../../src/statistics/monitoring/reference.ts";
import {
  beginWatch,
  countHours,
  HOUR_MS,
  REFERENCE_MS,
  riseOf,
  wantsReference,
  withReference,
} from "../../../src/statistics/monitoring/watch.ts";
import { type Sampler, sampler } from "../../../src/statistics/planning/seeded-random.ts";

/** Calls of one version in the open. */
export interface World {
  readonly rate: number;
  readonly perHour: number;
  /** How far rates swing over a day, as a part of them. */
  readonly swing: number;
  /** So many times the rate in the fourth hour of each day, as where a job runs at night; 1: not. */
  readonly spike?: number;
  /** Hours of traffic before it is watched. */
  readonly before: number;
  /** Hours that it is watched. */
  readonly hours: number;
  /** So many times the rate, from an hour on. */
  readonly change?: { readonly factor: number; readonly at: number };
  /** How many monitors share the promise. */
  readonly monitors: number;
}

const SPEC: RateMonitor = {
  kind: "rate",
  metric: "error",
  counting: { values: "above", value: 0 },
  tolerate: 0.1,
};

/** The hour, counted from when it is watched, in which it rings first; undefined: it does not. Monitors are run as a worker runs them. */
export function ringsAt(random: () => number, world: World): number | undefined {
  const draw = sampler(random);
  const start = world.before * HOUR_MS;
  const before = Array.from({ length: world.before }, (_, hour) => drawHour(draw, world, hour));
  let watch = beginWatch(start);
  const seen = [...before];
  for (let at = 0; at < world.hours; at++) {
    if (wantsReference(watch))
      watch = withReference(watch, seen.slice(-REFERENCE_MS / HOUR_MS), SPEC, world.monitors);
    const one = drawHour(draw, world, world.before + at);
    seen.push(one);
    watch = countHours(watch, [one], SPEC, { end: one.hour + HOUR_MS, isOpen: false });
    if (riseOf(watch, seen, SPEC, world.monitors)) return at;
  }
  return undefined;
}

function drawHour(draw: Sampler, world: World, hour: number): HourOfMetric {
  const { rate, perHour, swing, spike = 1, change, before } = world;
  const changed = change && hour >= before + change.at ? change.factor : 1;
  const factor = changed * (hour % 24 === 3 ? spike : 1);
  const p = Math.min(0.95, rate * factor * (1 + swing * Math.sin((2 * Math.PI * (hour % 24)) / 24)));
  const x = draw.binomial(perHour, p);
  return {
    hour: hour * HOUR_MS,
    values: new Map([
      [ZERO_BUCKET, perHour - x],
      [logBucket(1), x],
    ]),
  };
}
