import { hushOf, SILENCE_MS } from "../../../src/statistics/monitoring/silence.ts";
import { type Sampler, sampler } from "../../../src/statistics/planning/seeded-random.ts";

/** Calls of one scope among those of others, hour by hour. */
export interface Traffic {
  /** In an hour of a working day, in the mean. */
  readonly perHour: number;
  /** How far the hours of a day swing, as a part of it. */
  readonly swing: number;
  /** A Saturday or a Sunday has this part. */
  readonly weekend: number;
  /** Standard deviation of the logarithm of what days have, and hours besides. */
  readonly days: number;
  readonly hours: number;
  /** Days that are weekends to everybody, as a holiday is; counted from when it is watched. */
  readonly holidays?: readonly number[];
  /** From this hour on so much is left of it. */
  readonly change?: { readonly left: number; readonly at: number };
}

const HOUR_MS = 3_600_000;
const BEFORE = 15 * 24;
/** Hours of a week whose first day is a Monday. */
const MONDAY = Date.parse("2026-01-05T00:00:00Z");

/** How often it rings for a scope that is watched for so many hours, and the first of them; an alert is over when calls have come again. */
export function silences(
  random: () => number,
  traffic: Traffic,
  { hours, monitors }: { readonly hours: number; readonly monitors: number },
): { readonly rang: number; readonly first: number | undefined } {
  const draw = sampler(random);
  const [scope, rest] = [new Map<number, number>(), new Map<number, number>()];
  const silent = new Set<number>();
  let [rang, isOpen, day, first] = [0, false, 1, undefined as number | undefined];
  for (let at = 0; at < BEFORE + hours; at++) {
    if (at % 24 === 0) day = Math.exp(traffic.days * draw.normal());
    const watched = at - BEFORE;
    const mean = traffic.perHour * day * usual(traffic, at);
    const left = traffic.change && watched >= traffic.change.at ? traffic.change.left : 1;
    const begins = MONDAY + at * HOUR_MS;
    scope.set(begins, counted(draw, mean * left * Math.exp(traffic.hours * draw.normal())));
    // Others have days of their own.
    rest.set(begins, counted(draw, 500 * usual(traffic, at)));
    if (watched < 0) continue;
    for (const calls of [scope, rest]) calls.delete(begins - SILENCE_MS);
    const end = begins + HOUR_MS;
    const hush = hushOf({ scope, rest, end, hours: 3, monitors, isLeftOut: (hour) => silent.has(hour) });
    if (isOpen && (!hush || hush.isOver)) isOpen = false;
    else if (!isOpen && hush?.isSilent) {
      [isOpen, rang] = [true, rang + 1];
      first ??= watched;
    }
    if (isOpen) for (let ago = 1; ago <= 3; ago++) silent.add(end - ago * HOUR_MS);
  }
  return { rang, first };
}

function usual({ swing, weekend, holidays = [] }: Traffic, at: number): number {
  const [hour, day] = [at % 24, Math.floor(at / 24)];
  const isQuiet = day % 7 >= 5 || holidays.includes(day - BEFORE / 24);
  return (isQuiet ? weekend : 1) * (1 + swing * Math.sin((2 * Math.PI * hour) / 24));
}

/** A Poisson count. */
function counted(draw: Sampler, mean: number): number {
  if (mean > 200) return Math.max(0, Math.round(mean + Math.sqrt(mean) * draw.normal()));
  return draw.binomial(2_000, Math.round((mean / 2_000) * 1e4) / 1e4);
}
