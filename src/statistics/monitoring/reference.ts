import type { Counting, RateMonitor } from "../../domain/monitors/monitor.ts";
import { histogramQuantile, logBucket, type LogHistogram, ZERO_BUCKET } from "../log-histogram.ts";
import { acceptedRate, MOST_ACCEPTED, type ReferenceHour, sumOf } from "./accepted-rate.ts";
import type { Tick } from "./e-detector.ts";

/** What the calls of one hour carried of a metric. */
export interface HourOfMetric {
  /** When the hour begins, in ms since 1970. */
  readonly hour: number;
  readonly values: LogHistogram;
}

/** Which buckets of a histogram count. */
export interface Counted {
  readonly bucket: number;
  readonly side: "above" | "up_to";
}

/** What a version is held against: what it did itself, in the same scope. */
export interface Reference {
  /** The first hour and the end of the last, in ms since 1970. */
  readonly from: number;
  readonly until: number;
  readonly calls: number;
  /** Share of the calls that count, 0 to 1. */
  readonly rate: number;
  /** Calls in an hour that had any. */
  readonly perHour: number;
  readonly counted: Counted;
}

export interface Judged {
  readonly reference: Reference;
  /** The rate that is accepted; undefined: it is so high that a rise cannot be seen. */
  readonly p0: number | undefined;
}

/** What is counted where the reference does not say it; undefined where it takes one. */
export function fixedCount(counting: Counting): Counted | undefined {
  if (counting.values === "above") return { bucket: bucketOf(counting.value), side: "above" };
  if (counting.values === "at_most") return { bucket: bucketOf(counting.value), side: "up_to" };
  return undefined;
}

/** The reference of these hours; undefined while they are too few. */
export function referenceOf(
  hours: readonly HourOfMetric[],
  { counting, tolerate }: RateMonitor,
  monitors: number,
): Judged | undefined {
  if (hours.length === 0) return undefined;
  const counted = fixedCount(counting) ?? countOf(counting, hours);
  if (counted === undefined) return undefined;
  const ticks = hours.map(({ hour, values }): ReferenceHour => ({
    ...tickOf(values, counted),
    hourOfDay: Math.floor(hour / 3_600_000) % 24,
  }));
  const p0 = acceptedRate(ticks, { tolerate, monitors });
  if (p0 === undefined) return undefined;
  const { x, n } = sumOf(ticks);
  const times = hours.map(({ hour }) => hour);
  return {
    reference: {
      from: Math.min(...times),
      until: Math.max(...times) + 3_600_000,
      calls: n,
      rate: x / n,
      perHour: n / hours.length,
      counted,
    },
    p0: p0 >= MOST_ACCEPTED ? undefined : p0,
  };
}

/** So many of an hour's values count. */
export function tickOf(values: LogHistogram, { bucket, side }: Counted): Tick {
  let [x, n] = [0, 0];
  for (const [at, count] of values) {
    n += count;
    if (side === "above" ? at > bucket : at <= bucket) x += count;
  }
  return { x, n };
}

function countOf(counting: Counting, hours: readonly HourOfMetric[]): Counted | undefined {
  const all = new Map<number, number>();
  for (const { values } of hours) for (const [at, n] of values) all.set(at, (all.get(at) ?? 0) + n);
  const middle = counting.values === "grown";
  const limit = histogramQuantile(all, middle ? 0.5 : 0.95);
  if (limit === null) return undefined;
  return { bucket: bucketOf(limit * (counting.values === "grown" ? 1 + counting.by : 1)), side: "above" };
}

function bucketOf(value: number): number {
  return value <= 0 ? ZERO_BUCKET : logBucket(value);
}
