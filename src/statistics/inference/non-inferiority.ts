import type { Margin } from "../../domain/policy/quantity.ts";
import { tQuantile, tTail } from "../distributions.ts";
import { variance, type Moments } from "../moments.ts";
import { alphaProblem, finite, invalid, type Result } from "../result.ts";
import { armsProblem, combine, type Arms } from "./welch.ts";

export interface NonInferiorityInput extends Arms<Moments> {
  /** How much worse is still accepted, above 0: absolute, or a part of the control's mean. */
  readonly margin: Margin;
  readonly direction: "higher" | "lower";
  /** One-sided; 0.025 by default. */
  readonly alpha?: number;
}

export interface NonInferiority {
  /** How much worse the candidate is, above 0 when it is. */
  readonly harm: number;
  readonly se: number;
  readonly df: number;
  /** (margin - harm) / se. */
  readonly t: number;
  /** One-sided p of being no worse than the margin. */
  readonly p: number;
  /** Upper confidence bound of the harm (of the harm beyond the margin, when that is relative). */
  readonly upperBound: number;
  readonly nonInferior: boolean;
}

/**
 * Is the candidate no worse than the control by more than a margin? Absolute: `t = (m - harm)/se`.
 * Relative: the excess `mT - (1+m) mC` (lower is better) or `(1-m) mC - mT` with its own variance,
 * `vT + (1±m)² vC`, tested against 0 (Fieller's linear form: no ratio of two noisy means).
 */
export function nonInferiority(input: NonInferiorityInput): Result<NonInferiority> {
  const { candidate, control, margin, direction, alpha = 0.025 } = input;
  const problem = alphaProblem(alpha) ?? armsProblem(input);
  if (problem) return problem;
  if (!(margin.value > 0) || !Number.isFinite(margin.value))
    return invalid(`a margin must be above 0, not ${margin.value}`);
  const sign = direction === "lower" ? 1 : -1;
  const relative = margin.kind === "relative";
  const factor = relative ? 1 + sign * margin.value * Math.sign(control.mean) : 1;
  const { se, df } = combine(
    variance(candidate) / candidate.n,
    candidate.n,
    (factor * factor * variance(control)) / control.n,
    control.n,
  );
  const harm = sign * (candidate.mean - control.mean);
  const excess = relative ? sign * (candidate.mean - factor * control.mean) : harm;
  const t = relative ? -excess / se : (margin.value - harm) / se;
  const p = tTail(t, df);
  const upperBound = excess - tQuantile(alpha, df) * se;
  return finite({ harm, se, df, t, p, upperBound, nonInferior: p <= alpha });
}
