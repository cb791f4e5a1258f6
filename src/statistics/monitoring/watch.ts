import type { RateMonitor } from "../../domain/monitors/monitor.ts";
import {
  alarmLevel,
  type Detectors,
  evidenceOf,
  likelyStart,
  NO_EVIDENCE,
  observe,
  type Tick,
} from "./e-detector.ts";
import { sumOf } from "./accepted-rate.ts";
import { hasRecovered, NOT_RECOVERED, observeRecovery } from "./recovery.ts";
import {
  type Counted,
  fixedCount,
  type HourOfMetric,
  type Reference,
  referenceOf,
  tickOf,
} from "./reference.ts";

/** How far a monitor has come with a version. Everything before `until` is counted, and nothing after it. */
export interface Watch {
  /** When it began, or began anew after an alert, in ms since 1970; the beginning of an hour. */
  readonly began: number;
  readonly until: number;
  readonly reference: Reference | null;
  /** The rate that is accepted; null: there is none to hold it against. */
  readonly p0: number | null;
  readonly detectors: Detectors;
  /** Until when hours were looked through for a reference last, in ms since 1970. */
  readonly looked: number;
  /** While an alert is open: is it over? */
  readonly recovery: readonly number[];
}

export const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** A reference is made of so much at most. */
const MOST_MS = 14 * DAY_MS;
/** How far back is looked for one: what is made anew leaves out the last day, in which a change may have begun. */
export const REFERENCE_MS = MOST_MS + DAY_MS;
/** A reference is made anew each day, unless there is so much evidence of a change already: it would get used to it. */
const SETTLED = 100;

export function beginWatch(hour: number): Watch {
  return {
    began: hour,
    until: hour,
    looked: 0,
    reference: null,
    p0: null,
    detectors: NO_EVIDENCE,
    recovery: NOT_RECOVERED,
  };
}

/** Whether a reference is to be made, from the hours before `until`. */
export function wantsReference({ reference, until, looked, detectors }: Watch): boolean {
  if (reference === null) return looked < until;
  return until - looked >= DAY_MS && evidenceOf(detectors) < SETTLED;
}

/** With the reference that these hours make; those from `until` on are left out. As it was where they are too few. */
export function withReference(
  watch: Watch,
  hours: readonly HourOfMetric[],
  spec: RateMonitor,
  monitors: number,
): Watch {
  const end = watch.reference === null ? watch.until : watch.until - DAY_MS;
  const before = hours.filter(({ hour }) => hour < end && hour >= end - MOST_MS);
  const judged = referenceOf(before, spec, monitors);
  if (!judged) return { ...watch, looked: watch.until };
  const accepted = Math.min(judged.p0 ?? 1, spec.limit ?? 1);
  return { ...watch, looked: watch.until, reference: judged.reference, p0: accepted < 1 ? accepted : null };
}

/** What an hour is counted by, and against what; undefined while there is nothing to hold it against. */
export function measureOf(
  watch: Watch,
  spec: RateMonitor,
): { readonly counted: Counted; readonly p0: number } | undefined {
  const counted = watch.reference?.counted ?? fixedCount(spec.counting);
  const p0 = watch.reference ? watch.p0 : (spec.limit ?? null);
  return counted === undefined || p0 === null ? undefined : { counted, p0 };
}

/** These hours on, each once: those before `until` are left out, those from `end` on too. */
export function countHours(
  watch: Watch,
  hours: readonly HourOfMetric[],
  spec: RateMonitor,
  { end, isOpen }: { readonly end: number; readonly isOpen: boolean },
): Watch {
  const measure = measureOf(watch, spec);
  let { detectors, recovery } = watch;
  if (measure)
    for (const { hour, values } of hours.toSorted((a, b) => a.hour - b.hour)) {
      if (hour < watch.until || hour >= end) continue;
      const tick = tickOf(values, measure.counted);
      if (isOpen) recovery = observeRecovery(recovery, tick, measure.p0);
      else detectors = observe(detectors, tick, measure.p0);
    }
  return { ...watch, until: Math.max(watch.until, end), detectors, recovery };
}

/** What a monitor rings for. */
export interface Rise extends Tick {
  /** The first hour of it, likeliest, in ms since 1970. */
  readonly since: number;
  readonly accepted: number;
}

/** Whether it rings, with all that has been counted; `hours` are those since it began, to say since when. */
export function riseOf(
  watch: Watch,
  hours: readonly HourOfMetric[],
  spec: RateMonitor,
  monitors: number,
): Rise | undefined {
  const measure = measureOf(watch, spec);
  if (!measure || evidenceOf(watch.detectors) < alarmLevel(monitors)) return undefined;
  const seen = hours
    .filter(({ hour }) => hour >= watch.began && hour < watch.until)
    .toSorted((a, b) => a.hour - b.hour)
    .map(({ hour, values }) => ({ hour, ...tickOf(values, measure.counted) }));
  const from = likelyStart(seen, measure.p0);
  if (from === undefined) return undefined;
  const { x, n } = sumOf(seen.slice(from));
  // Where few calls come, hours without a single one that counts add up as well: that is no rise.
  return x / n > measure.p0 ? { x, n, since: seen[from]!.hour, accepted: measure.p0 } : undefined;
}

/** Whether what an alert tells of is over. */
export function isOver({ recovery }: Watch): boolean {
  return hasRecovered(recovery);
}

/** After an alert has been opened, or is over: evidence is counted anew from here on. */
export function anew(watch: Watch): Watch {
  return { ...watch, began: watch.until, detectors: NO_EVIDENCE, recovery: NOT_RECOVERED };
}
