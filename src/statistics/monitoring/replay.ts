import type { RateMonitor } from "../../domain/monitors/monitor.ts";
import { type HourOfMetric, tickOf } from "./reference.ts";
import {
  anew,
  beginWatch,
  countHours,
  HOUR_MS,
  isOver,
  measureOf,
  type Rise,
  riseOf,
  wantsReference,
  withReference,
} from "./watch.ts";

/** When a monitor would have rung. */
export interface Ringing extends Rise {
  /** The hour in which it rang, and from which on it was over; in ms since 1970. */
  readonly at: number;
  readonly over: number | null;
}

/** How many monitors there are, and how many of them can ring and so share the promise. */
export interface Fleet {
  readonly monitors: number;
  readonly sharing: number;
}

/** Goes through hours as a worker does, an hour at a time from the first on: what would have rung, and until when. */
export function replay(
  hours: readonly HourOfMetric[],
  spec: RateMonitor,
  { monitors, sharing }: Fleet,
): Ringing[] {
  const all = hours.toSorted((a, b) => a.hour - b.hour);
  const [first, last] = [all[0], all.at(-1)];
  if (!first || !last) return [];
  const rang: Ringing[] = [];
  let watch = beginWatch(first.hour);
  let open: Ringing | undefined;
  for (let hour = first.hour, at = 0; hour <= last.hour; hour += HOUR_MS) {
    const before = all
      .slice(0, at)
      .filter((one) => !rang.some(({ since, over }) => one.hour >= since && one.hour < (over ?? Infinity)));
    if (!open && wantsReference(watch)) watch = withReference(watch, before, spec, monitors);
    const now: HourOfMetric[] = [];
    for (; all[at]?.hour === hour; at++) now.push(all[at]!);
    watch = countHours(watch, now, spec, { end: hour + HOUR_MS, isOpen: open !== undefined });
    if (open && isOver(watch)) {
      rang[rang.length - 1] = { ...open, over: hour + HOUR_MS };
      open = undefined;
      watch = anew(watch);
    } else if (!open) {
      const rise = riseOf(watch, all.slice(0, at), spec, sharing);
      if (!rise) continue;
      open = { ...rise, at: hour, over: null };
      rang.push(open);
      watch = anew(watch);
    }
  }
  return rang;
}

/** The same hours with a rise: from an hour on so many times as many values count, as the reference of the hours before has them. */
export function plant(
  hours: readonly HourOfMetric[],
  spec: RateMonitor,
  { from, factor }: { readonly from: number; readonly factor: number },
): HourOfMetric[] | undefined {
  const before = hours.filter(({ hour }) => hour < from);
  const until = Math.max(...before.map(({ hour }) => hour)) + HOUR_MS;
  const learnt = withReference({ ...beginWatch(until) }, before, spec, 1);
  const measure = measureOf(learnt, spec);
  if (!learnt.reference || !measure) return undefined;
  const { rate, counted } = learnt.reference;
  const worse = counted.side === "above" ? counted.bucket + 1 : counted.bucket;
  return hours.map((one) => {
    if (one.hour < from) return one;
    const { x, n } = tickOf(one.values, counted);
    const more = Math.min(n - x, Math.round((factor - 1) * rate * n));
    // Those that do not count make way for as many that do.
    const values = new Map(one.values);
    let left = more;
    for (const [bucket, count] of values) {
      const counts = counted.side === "above" ? bucket > counted.bucket : bucket <= counted.bucket;
      if (counts || left === 0) continue;
      const taken = Math.min(count, left);
      values.set(bucket, count - taken);
      left -= taken;
    }
    values.set(worse, (values.get(worse) ?? 0) + more);
    return { hour: one.hour, values };
  });
}
