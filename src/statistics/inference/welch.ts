import { tQuantile, tTail } from "../distributions.ts";
import { usable, variance, type Moments } from "../moments.ts";
import { alphaProblem, finite, invalid, notEnoughData, type Result } from "../result.ts";

export interface Arms<T> {
  readonly candidate: T;
  readonly control: T;
}

export interface Welch {
  /** candidate - control. */
  readonly diff: number;
  readonly se: number;
  readonly t: number;
  /** Welch–Satterthwaite. */
  readonly df: number;
  readonly pTwoSided: number;
  /** One-sided p that the candidate's mean is greater. */
  readonly pGreater: number;
  readonly pLess: number;
  /** Two-sided interval of diff at 1 - alpha. */
  readonly low: number;
  readonly high: number;
}

/**
 * Welch's t-test: two means with variances of their own (Biometrika 1947). For one look at a size fixed
 * before; at several looks its errors grow with every one. Needs two units an arm and some variance.
 */
export function welch(arms: Arms<Moments>, alpha = 0.05): Result<Welch> {
  const problem = alphaProblem(alpha) ?? armsProblem(arms);
  if (problem) return problem;
  const { candidate, control } = arms;
  const { se, df } = combine(
    variance(candidate) / candidate.n,
    candidate.n,
    variance(control) / control.n,
    control.n,
  );
  const diff = candidate.mean - control.mean;
  const t = diff / se;
  const reach = -tQuantile(alpha / 2, df) * se;
  return finite({
    diff,
    se,
    t,
    df,
    pTwoSided: 2 * tTail(Math.abs(t), df),
    pGreater: tTail(t, df),
    pLess: tTail(-t, df),
    low: diff - reach,
    high: diff + reach,
  });
}

/** Standard error and Welch–Satterthwaite degrees of freedom of a sum of two independent means. */
export function combine(
  vT: number,
  nT: number,
  vC: number,
  nC: number,
): { readonly se: number; readonly df: number } {
  const v = vT + vC;
  return { se: Math.sqrt(v), df: (v * v) / ((vT * vT) / (nT - 1) + (vC * vC) / (nC - 1)) };
}

/** Why two arms of moments cannot be compared; undefined when they can. */
export function armsProblem({ candidate, control }: Arms<Moments>) {
  if (!usable(candidate) || !usable(control))
    return invalid("counts, means and sums of squares must be finite, counts and squares 0 or more");
  if (candidate.n < 2 || control.n < 2) return notEnoughData("each arm needs at least two units");
  if (variance(candidate) === 0 && variance(control) === 0) return notEnoughData("neither arm varies");
  return undefined;
}
