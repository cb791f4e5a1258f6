import { passRateBounds } from "../inference/paired.ts";
import type { Tick } from "./e-detector.ts";

/** A reference has so many calls at least, within so many hours at least: a whole day, as nights differ. */
export const FEWEST_CALLS = 500;
export const FEWEST_HOURS = 24;
/** Each hour of the day is drawn towards the mean by so many calls of it, at least. */
const PSEUDO_CALLS = 200;
const HOURS = 24;
/** `23 / chi-squared(5 %, 23)`: hours of the day may differ by so much more than they are seen to, at 95 %. */
const DISPERSION_REACH = 23 / 13.0905;
/** What happens more often than this cannot rise any more in a way that is seen. */
export const MOST_ACCEPTED = 0.9;

/** What the hours of a reference had. `hourOfDay` in UTC, 0 to 23. */
export interface ReferenceHour extends Tick {
  readonly hourOfDay: number;
}

/**
 * The rate that a monitor accepts: `(1 + tolerate)` times the largest of the rates by the hour of the day, each shrunk to
 * the mean by pseudo-calls ({@link pseudoCalls}); and never below the upper bound of the reference's own rate (Clopper-Pearson at
 * `1/(2 monitors)`), since a young reference knows its rate badly. Undefined where it knows too little.
 */
export function acceptedRate(
  hours: readonly ReferenceHour[],
  { tolerate, monitors }: { readonly tolerate: number; readonly monitors: number },
): number | undefined {
  const total = sumOf(hours);
  if (total.n < FEWEST_CALLS || hours.length < FEWEST_HOURS) return undefined;
  const mean = total.x / total.n;
  const byHour = Array.from({ length: HOURS }, () => ({ x: 0, n: 0 }));
  for (const { hourOfDay, x, n } of hours) {
    byHour[hourOfDay]!.x += x;
    byHour[hourOfDay]!.n += n;
  }
  const calls = pseudoCalls(byHour, mean);
  const largest = Math.max(...byHour.map(({ x, n }) => (x + calls * mean) / (n + calls)));
  const accepted = (1 + tolerate) * largest;
  const alpha = 1 / (2 * Math.max(1, monitors));
  // Chernoff: where so many calls exclude that rate already, the exact bound lies below it, and need not be computed.
  if (accepted >= MOST_ACCEPTED || total.n * divergence(mean, accepted) >= -Math.log(alpha))
    return Math.min(MOST_ACCEPTED, accepted);
  return Math.min(MOST_ACCEPTED, Math.max(accepted, passRateBounds(mean, total.n, alpha).upper));
}

/**
 * By how many calls of the mean an hour of the day is drawn to it: by as many as say that hours differ by no more than
 * chance makes them differ (empirical Bayes, by moments: `k = n0 / (D - 1)`, `D = sum n_h (p_h - p)^2 / (p (1-p) 23)`), with
 * D taken at its upper 95 % limit, so that a swing over the day that is there is not drawn away. 200 at least.
 */
function pseudoCalls(byHour: readonly Tick[], mean: number): number {
  if (mean <= 0 || mean >= 1 || byHour.some(({ n }) => n === 0)) return PSEUDO_CALLS;
  const total = byHour.reduce((sum, { n }) => sum + n, 0);
  const squares = byHour.reduce((sum, { n }) => sum + n * n, 0);
  const spread = byHour.reduce((sum, { x, n }) => sum + n * (x / n - mean) ** 2, 0);
  const dispersion = (spread / (mean * (1 - mean)) / (HOURS - 1)) * DISPERSION_REACH;
  if (dispersion <= 1) return total;
  const usual = (total - squares / total) / (HOURS - 1);
  return Math.min(total, Math.max(PSEUDO_CALLS, usual / (dispersion - 1)));
}

/** Kullback-Leibler of two rates, for p < q. */
function divergence(p: number, q: number): number {
  if (p >= q) return 0;
  return (p === 0 ? 0 : p * Math.log(p / q)) + (1 - p) * Math.log((1 - p) / (1 - q));
}

export function sumOf(ticks: readonly Tick[]): Tick {
  return ticks.reduce((sum, { x, n }) => ({ x: sum.x + x, n: sum.n + n }), { x: 0, n: 0 });
}
