import { counted } from "../domain/text/counted.ts";

/**
 * A histogram with buckets that grow by a constant factor: quantiles of any positive metric to within
 * 4.5 %, in a few hundred integers. What the usage record keeps of every metric, and what winsorising
 * caps are taken from.
 */

/** Buckets for each doubling: bucket i holds values in (2^((i-1)/16), 2^(i/16)]. */
const PER_DOUBLING = 16;
/** Holds 0 and everything below. The smallest 16-bit integer, as all buckets fit one. */
export const ZERO_BUCKET = -32_768;

/** Units per bucket. */
export type LogHistogram = ReadonlyMap<number, number>;

/** The bucket of a finite value. */
export function logBucket(value: number): number {
  return value > 0 ? Math.ceil(PER_DOUBLING * Math.log2(value) - 1e-9) : ZERO_BUCKET;
}

/** The largest value that a bucket holds. */
export function bucketLimit(bucket: number): number {
  return bucket === ZERO_BUCKET ? 0 : 2 ** (bucket / PER_DOUBLING);
}

/** The quantile q (0 to 1) as its bucket's upper limit; null of an empty histogram. */
export function histogramQuantile(histogram: LogHistogram, q: number): number | null {
  const buckets = [...histogram].filter(([, n]) => n > 0).sort(([a], [b]) => a - b);
  const total = buckets.reduce((sum, [, n]) => sum + n, 0);
  if (total === 0) return null;
  let seen = 0;
  for (const [bucket, n] of buckets) {
    seen += n;
    if (seen >= q * total) return bucketLimit(bucket);
  }
  return bucketLimit(buckets.at(-1)![0]);
}

export interface WinsorCap {
  /** Values above count as this much, in both arms alike; null: too little history, nothing is capped. */
  readonly cap: number | null;
  readonly quantile: number;
  /** One plain sentence for the record. */
  readonly note: string;
}

/**
 * The cap to freeze before a rollout starts: the 99.9th percentile of the metric's history, for cost (whose
 * tail is heaviest) the 99th. Needs ten values beyond it, or its estimate is an accident.
 */
export function winsorCap(metric: string, history: LogHistogram): WinsorCap {
  const quantile = /cost|price|usd/i.test(metric) ? 0.99 : 0.999;
  const total = [...history.values()].reduce((sum, n) => sum + n, 0);
  const needed = Math.round(10 / (1 - quantile));
  const cap = total >= needed ? histogramQuantile(history, quantile) : null;
  if (cap === null || !(cap > 0) || !Number.isFinite(cap))
    return {
      cap: null,
      quantile,
      note: `${metric} is not capped: ${counted(total, "value")} of history, ${needed} are needed`,
    };
  return {
    cap,
    quantile,
    note: `${metric} is capped at ${Number(cap.toPrecision(4))}, the ${quantile * 100}th percentile of ${counted(total, "value")}`,
  };
}
