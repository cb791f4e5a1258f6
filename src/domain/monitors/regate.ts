import type { RegateMonitor } from "./monitor.ts";

/** Of each case how often it passed of how often it was asked; null where it has no result. */
export type CaseShares = readonly (readonly [number, number] | null)[];

/** What a version answered its golden set when it went live: what later runs are compared with. */
export interface RegateReference {
  readonly cases: number;
  /** 0 to 1. */
  readonly passRate: number;
  readonly shares: CaseShares;
}

/** What a run found. */
export interface RegateFinding {
  /** That both it and the reference have a result of. */
  readonly cases: number;
  readonly passRate: number;
  readonly referencePassRate: number;
  /** How much lower the pass rate is than the reference's. */
  readonly regression: number;
  /** By so much at least, but for a chance of `alpha`. */
  readonly lower: number;
  readonly alpha: number;
  /** It is lower by more than the margin. */
  readonly worse: boolean;
}

/** A case is asked so often for the reference: what chance does to one answer is to be small in it. */
export const REFERENCE_REPEATS = 5;
/** The chance of a false alarm in a month, of each version that is asked again. */
const ALPHA_A_MONTH = 0.05;
const MONTH_MS = 30 * 86_400_000;

/** The level of one run, so that all of a month together keep theirs. */
export function alphaOf({ every_ms }: Pick<RegateMonitor, "every_ms">): number {
  return Math.min(ALPHA_A_MONTH, (ALPHA_A_MONTH * every_ms) / MONTH_MS);
}
