import { normalTail } from "../distributions.ts";
import { finite, invalid, notEnoughData, type Result } from "../result.ts";
import type { ArmEstimate } from "./stratified.ts";

/**
 * Sums over units of a ratio metric: s is a unit's sum, c its count (of requests, say). The unit, not the
 * request, is what was randomised, so its variance is what counts.
 */
export interface RatioSums {
  /** Units. */
  readonly n: number;
  readonly s: number;
  readonly c: number;
  readonly ss: number;
  readonly cc: number;
  readonly sc: number;
}

export const NO_RATIO: RatioSums = { n: 0, s: 0, c: 0, ss: 0, cc: 0, sc: 0 };

export function addRatioSums(a: RatioSums, b: RatioSums): RatioSums {
  return {
    n: a.n + b.n,
    s: a.s + b.s,
    c: a.c + b.c,
    ss: a.ss + b.ss,
    cc: a.cc + b.cc,
    sc: a.sc + b.sc,
  };
}

/** Sums of squares carry a variance to about this part of the square of the mean; less is rounding. */
const RESOLUTION = 1e-14;

/**
 * `R = S/C` and the variance of one unit's contribution to it, by the delta method:
 * `[var(s) - 2R cov(s,c) + R² var(c)] / mean(c)²` (Deng, Knoblich & Lu, KDD 2018).
 */
export function ratioEstimate({ n, s, c, ss, cc, sc }: RatioSums): ArmEstimate {
  if (n < 1 || c === 0) return { n: 0, mean: 0, variance: 0 };
  const ratio = s / c;
  if (n < 2) return { n, mean: ratio, variance: 0 };
  const varS = (ss - (s * s) / n) / (n - 1);
  const varC = (cc - (c * c) / n) / (n - 1);
  const cov = (sc - (s * c) / n) / (n - 1);
  const perUnit = c / n;
  const variance = (varS - 2 * ratio * cov + ratio * ratio * varC) / (perUnit * perUnit);
  return { n, mean: ratio, variance: variance > RESOLUTION * ratio * ratio ? variance : 0 };
}

export interface RatioDelta {
  readonly ratioControl: number;
  readonly ratioCandidate: number;
  /** candidate - control. */
  readonly diff: number;
  readonly se: number;
  readonly z: number;
  /** Two-sided, from the normal. */
  readonly p: number;
  /** candidate / control - 1; null when the control's ratio is 0. */
  readonly relativeLift: number | null;
  readonly relativeLiftSe: number | null;
}

/** Two arms of a ratio metric compared, clustered by unit. */
export function ratioDelta(arms: {
  readonly candidate: RatioSums;
  readonly control: RatioSums;
}): Result<RatioDelta> {
  const { candidate, control } = arms;
  for (const arm of [candidate, control]) {
    if (!Object.values(arm).every((x) => Number.isFinite(x))) return invalid("every sum must be finite");
    if (arm.n < 2 || arm.c === 0) return notEnoughData("each arm needs two units and a count above 0");
  }
  const t = ratioEstimate(candidate);
  const c = ratioEstimate(control);
  const vT = t.variance / t.n;
  const vC = c.variance / c.n;
  const se = Math.sqrt(vT + vC);
  if (!(se > 0)) return notEnoughData("neither arm varies");
  const diff = t.mean - c.mean;
  const lift = relativeLift(t.mean, vT, c.mean, vC);
  return finite({
    ratioControl: c.mean,
    ratioCandidate: t.mean,
    diff,
    se,
    z: diff / se,
    p: 2 * normalTail(Math.abs(diff / se)),
    relativeLift: lift?.lift ?? null,
    relativeLiftSe: lift?.se ?? null,
  });
}

/** `L = mT/mC - 1`, `var(L) = vT/mC² + vC mT²/mC⁴`, v the variances of the means; undefined when mC is 0. */
export function relativeLift(
  meanT: number,
  vT: number,
  meanC: number,
  vC: number,
): { readonly lift: number; readonly se: number } | undefined {
  if (meanC === 0) return undefined;
  const ratio = meanT / meanC;
  return { lift: ratio - 1, se: Math.sqrt(vT + vC * ratio * ratio) / Math.abs(meanC) };
}
