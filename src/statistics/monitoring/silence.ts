import { gammaTail } from "../distributions.ts";
import { alarmLevel } from "./e-detector.ts";

/** Calls of each hour, by when it begins, in ms since 1970; an hour that is not there had none. */
export type CallsByHour = ReadonlyMap<number, number>;

export interface SilenceQuery {
  readonly scope: CallsByHour;
  /** Of everybody else under the label. */
  readonly rest: CallsByHour;
  /** The end of the last whole hour, in ms since 1970. */
  readonly end: number;
  /** How many whole hours are looked at together. */
  readonly hours: number;
  /** How many monitors share one false alarm. */
  readonly monitors: number;
  /** Of hours in which it was silent before: they are nothing to be held against. */
  readonly isLeftOut: (hour: number) => boolean;
}

/** What the last hours had, against the same hours of comparable days. */
export interface Hush {
  readonly calls: number;
  /** The fewest that the same hours had on one of those days. */
  readonly fewest: number;
  /** Comparable days there are. */
  readonly days: number;
  /** So few calls are no chance, and everybody else has theirs. */
  readonly isSilent: boolean;
  /** At least half of the fewest have come again. */
  readonly isOver: boolean;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** How far back is looked: two weeks. */
const DAYS = 14;
export const SILENCE_MS = (DAYS + 1) * DAY_MS;
/** Fewer comparable days say too little. */
export const FEWEST_DAYS = 4;
/** Silent is this part at most of the fewest: days differ by more than chance. */
const SILENT_PART = 1 / 10;
const OVER_PART = 1 / 2;

/**
 * Whether a scope has fallen silent: in its last hours it had at most a tenth of the fewest calls that the same hours had
 * on any comparable day of two weeks (working days with working days, Saturdays and Sundays with theirs), which a Poisson
 * count of half that mean has with a chance of `1/(2,184 monitors)` at most; and what others had is not below half of their
 * fewest. Undefined while there are fewer than four comparable days.
 */
export function hushOf({ scope, rest, end, hours, monitors, isLeftOut }: SilenceQuery): Hush | undefined {
  const first = Math.min(...scope.keys());
  const days = Array.from({ length: DAYS }, (_, at) => end - (at + 1) * DAY_MS).filter(
    (at) =>
      isWeekend(at) === isWeekend(end) &&
      at - hours * HOUR_MS >= first &&
      !hoursBefore(at, hours).some((hour) => isLeftOut(hour)),
  );
  if (days.length < FEWEST_DAYS) return undefined;
  const fewestOf = (calls: CallsByHour) => Math.min(...days.map((at) => sumBefore(calls, at, hours)));
  const calls = sumBefore(scope, end, hours);
  const fewest = fewestOf(scope);
  const isLow =
    calls <= SILENT_PART * fewest && gammaTail(calls + 1, OVER_PART * fewest) <= 1 / alarmLevel(monitors);
  return {
    calls,
    fewest,
    days: days.length,
    isSilent: isLow && sumBefore(rest, end, hours) >= OVER_PART * fewestOf(rest),
    isOver: fewest > 0 && calls >= OVER_PART * fewest,
  };
}

/** The fewest calls that have to be usual for complete silence to be seen, where so many monitors share a false alarm. */
export function leastHeard(monitors: number): number {
  return Math.ceil(Math.log(alarmLevel(monitors)) / OVER_PART);
}

/** By the last hour of the stretch. 1 January 1970 was a Thursday. */
function isWeekend(end: number): boolean {
  const daysSinceSunday = (Math.floor((end - HOUR_MS) / DAY_MS) + 4) % 7;
  return daysSinceSunday === 0 || daysSinceSunday === 6;
}

function hoursBefore(end: number, hours: number): number[] {
  return Array.from({ length: hours }, (_, at) => end - (at + 1) * HOUR_MS);
}

function sumBefore(calls: CallsByHour, end: number, hours: number): number {
  return hoursBefore(end, hours).reduce((sum, hour) => sum + (calls.get(hour) ?? 0), 0);
}
