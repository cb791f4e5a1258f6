/**
 * Has a rate risen, and since when? A Shiryaev-Roberts e-detector on counts (Shin, Ramdas & Rinaldo, "E-detectors: a
 * nonparametric framework for sequential change detection", New England Journal of Statistics in Data Science 2023).
 * Under any rates p <= p0, which may move, the mean time to a false alarm is at least `1/alpha` ticks; nothing else is
 * assumed.
 */

/** What came within one tick, an hour: x of n. */
export interface Tick {
  readonly x: number;
  readonly n: number;
}

/** How many times p0 is looked for, each by a detector of its own. */
export const RATIOS = [1.25, 1.5, 2, 3, 5] as const;
/** No alternative is nearer to certainty than this. */
const MOST_RATE = 0.99;
/** Keeps sums finite; far above every level. */
const MOST_EVIDENCE = 1e300;

/** M of each ratio, in their order. */
export type Detectors = readonly number[];

export const NO_EVIDENCE: Detectors = RATIOS.map(() => 0);

/**
 * One tick on: `M <- (M + 1) e` with `e = (p_r/p0)^x ((1-p_r)/(1-p0))^(n-x)`, `p_r = min(0.99, r p0)`. A tick without a
 * call is none: nothing changes. `p0` between 0 and 1, both exclusive.
 */
export function observe(detectors: Detectors, tick: Tick, p0: number): Detectors {
  if (tick.n === 0) return detectors;
  return RATIOS.map((ratio, at) =>
    Math.min(MOST_EVIDENCE, ((detectors[at] ?? 0) + 1) * Math.exp(Math.min(690, logRatio(tick, p0, ratio)))),
  );
}

/** The evidence of all of them: the mean of M. */
export function evidenceOf(detectors: Detectors): number {
  return detectors.reduce((sum, one) => sum + one, 0) / RATIOS.length;
}

/** One false alarm a quarter, in ticks of an hour, of a whole installation. */
export const HOURS_A_FALSE_ALARM = 90 * 24 + 24;

/** From which evidence on a monitor rings, where so many share one false alarm a quarter: `1/alpha = 2,184 h * monitors`. */
export function alarmLevel(monitors: number): number {
  return HOURS_A_FALSE_ALARM * Math.max(1, monitors);
}

/** ln of the likelihood of a tick at `ratio * p0` against p0. */
export function logRatio({ x, n }: Tick, p0: number, ratio: number): number {
  const p = Math.min(MOST_RATE, ratio * p0);
  return x * Math.log(p / p0) + (n - x) * Math.log((1 - p) / (1 - p0));
}

/**
 * Where the likeliest stretch of a higher rate begins that lasts until the end: the index of its first tick; undefined
 * where none is likelier than p0. Says since when; decides nothing.
 */
export function likelyStart(ticks: readonly Tick[], p0: number): number | undefined {
  let found: { readonly at: number; readonly log: number } | undefined;
  for (const ratio of RATIOS) {
    let log = 0;
    for (let at = ticks.length - 1; at >= 0; at--) {
      log += logRatio(ticks[at]!, p0, ratio);
      if (log > (found?.log ?? 0)) found = { at, log };
    }
  }
  return found?.at;
}

/**
 * After how many hours a rate is found at the median, about: `(ln level + ln 5) / (n KL)`, of the ratio that sees it best;
 * null where a rise to `rate` is never evidence against p0. `n` in calls an hour.
 */
export function hoursToFind(rate: number, perHour: number, p0: number, level: number): number | null {
  const growth = Math.max(...RATIOS.map((ratio) => logRatio({ x: rate * perHour, n: perHour }, p0, ratio)));
  return growth > 0 ? Math.max(1, Math.log(level * RATIOS.length) / growth) : null;
}
