import { tQuantile, tTail } from "../distributions.ts";
import { variance, type Moments } from "../moments.ts";
import { alphaProblem, finite, invalid, notEnoughData, type Result } from "../result.ts";
import { armsProblem, combine, type Arms } from "./welch.ts";

/** The moments of the natural logarithms of positive values, by arm. */
export interface GeometricMeansInput extends Arms<Moments> {
  /** A tolerated rise as a part of the control, above 0: 0.1 for 10 %. */
  readonly margin?: number;
  readonly alpha?: number;
}

export interface GeometricMeans {
  readonly candidate: number;
  readonly control: number;
  /** Candidate over control. */
  readonly ratio: number;
  /** Two-sided interval of the ratio at 1 - alpha. */
  readonly low: number;
  readonly high: number;
  /** One-sided p of the ratio being at or over 1 + margin. */
  readonly p: number;
}

/**
 * The ratio of two geometric means, by Welch's test on the logarithms: what a positive value with a heavy
 * tail (latency, tokens) is multiplied by, with far fewer units than its mean needs. It says nothing of a
 * few huge values: watch those beside it.
 */
export function geometricMeans(input: GeometricMeansInput): Result<GeometricMeans> {
  const { candidate, control, margin = 0, alpha = 0.05 } = input;
  const problem = alphaProblem(alpha) ?? armsProblem(input);
  if (problem) return problem;
  if (!(margin >= 0) || !Number.isFinite(margin)) return invalid(`a margin must be 0 or more, not ${margin}`);
  const [vT, vC] = [variance(candidate) / candidate.n, variance(control) / control.n];
  if (!(vT + vC > 0)) return notEnoughData("neither arm varies");
  const { se, df } = combine(vT, candidate.n, vC, control.n);
  const diff = candidate.mean - control.mean;
  const reach = -tQuantile(alpha / 2, df) * se;
  return finite({
    candidate: Math.exp(candidate.mean),
    control: Math.exp(control.mean),
    ratio: Math.exp(diff),
    low: Math.exp(diff - reach),
    high: Math.exp(diff + reach),
    p: tTail((Math.log1p(margin) - diff) / se, df),
  });
}
