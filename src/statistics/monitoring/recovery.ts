import { type Tick } from "./e-detector.ts";

/** What counts as worse still: the smallest rise that is looked for. */
const STILL_WORSE = 1.25;
/** Rates of a recovery, as parts of p0. */
const RECOVERED = [1, 0.75, 0.5] as const;
const MOST_RATE = 0.99;
/** A recovery that is none is called one within a thousand hours at the mean. */
export const RECOVERY_LEVEL = 1_000;

export const NOT_RECOVERED: readonly number[] = RECOVERED.map(() => 0);

/**
 * The reverse detector: is the rate back? As the detector of a rise, with a rate of at least `1.25 p0` as what is
 * doubted and p0, 0.75 p0 and 0.5 p0 as what is looked for. Recovered where the mean reaches {@link RECOVERY_LEVEL}.
 */
export function observeRecovery(detectors: readonly number[], { x, n }: Tick, p0: number): readonly number[] {
  if (n === 0) return detectors;
  const worse = Math.min(MOST_RATE, STILL_WORSE * p0);
  return RECOVERED.map((part, at) => {
    const p = part * p0;
    const log = x * Math.log(p / worse) + (n - x) * Math.log((1 - p) / (1 - worse));
    return Math.min(1e300, ((detectors[at] ?? 0) + 1) * Math.exp(Math.min(690, log)));
  });
}

export function hasRecovered(detectors: readonly number[]): boolean {
  return detectors.reduce((sum, one) => sum + one, 0) / RECOVERED.length >= RECOVERY_LEVEL;
}
