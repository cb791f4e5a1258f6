/** Count, mean and sum of squared deviations from the mean: all that a test needs of a sample. */
export interface Moments {
  readonly n: number;
  readonly mean: number;
  /** Σ (x - mean)². */
  readonly m2: number;
}

export const NO_MOMENTS: Moments = { n: 0, mean: 0, m2: 0 };

/** One more value (Welford, Technometrics 1962). */
export function addValue(moments: Moments, value: number): Moments {
  const n = moments.n + 1;
  const delta = value - moments.mean;
  const mean = moments.mean + delta / n;
  return { n, mean, m2: moments.m2 + delta * (value - mean) };
}

/**
 * The moments of two samples together (Chan, Golub & LeVeque 1983). Stays exact where sums of squares
 * lose everything, as for 1e9 + N(0, 1).
 */
export function mergeMoments(a: Moments, b: Moments): Moments {
  if (a.n === 0) return b;
  if (b.n === 0) return a;
  const n = a.n + b.n;
  const delta = b.mean - a.mean;
  return {
    n,
    mean: a.mean + (delta * b.n) / n,
    m2: a.m2 + b.m2 + ((delta * delta * a.n) / n) * b.n,
  };
}

/** The moments of a sample given by its mean and sample standard deviation. */
export function momentsOf(n: number, mean: number, sd: number): Moments {
  return { n, mean, m2: sd * sd * Math.max(0, n - 1) };
}

/** The moments of n units of which x have the property: 0/1 values. */
export function momentsOfCount(x: number, n: number): Moments {
  return n === 0 ? NO_MOMENTS : { n, mean: x / n, m2: (x * (n - x)) / n };
}

/** A standard deviation of this part of the mean, or less, is what rounding makes of values that are all the same. */
const ROUNDING = 1e-12;

/**
 * Sample variance m2 / (n - 1); 0 below two values, and for what only rounding tells from 0: else 3.4 and 3.4,
 * each averaged over a few hundred units, would differ by many standard errors.
 */
export function variance({ n, mean, m2 }: Moments): number {
  if (n < 2) return 0;
  const found = m2 / (n - 1);
  return found > (ROUNDING * mean) ** 2 ? found : 0;
}

/** True when all three can be computed with. */
export function usable(moments: Moments): boolean {
  return (
    Number.isFinite(moments.n) &&
    Number.isFinite(moments.mean) &&
    Number.isFinite(moments.m2) &&
    moments.n >= 0 &&
    moments.m2 >= 0
  );
}
