import { normalTail, tToZ } from "../distributions.ts";
import { variance, usable, type Moments } from "../moments.ts";
import { finite, invalid, notEnoughData, type Result } from "../result.ts";

/** One arm of one stratum: units, their mean (or ratio), and the variance of one unit's contribution. */
export interface ArmEstimate {
  readonly n: number;
  readonly mean: number;
  readonly variance: number;
}

export interface Stratum {
  readonly candidate: ArmEstimate;
  readonly control: ArmEstimate;
}

/** `a·candidate + b·control + offset`, combined over strata, with its standard error. */
export interface Contrast {
  readonly value: number;
  readonly se: number;
  /** Welch–Satterthwaite degrees of freedom of se. */
  readonly df: number;
  /** `4 Σ w_k`: both arms together when they are matched. */
  readonly nEff: number;
  /** The normal score of value/se: t converted by its p, so that small samples keep the level. */
  readonly z: number;
}

/**
 * Combines strata by `w_k = nT nC/(nT+nC)`: `Δ = Σ w_k d_k / Σ w_k`, `V = Σ w_k² v_k / (Σ w_k)²`.
 * Comparing within a stratum only is what keeps a drifting baseline (Simpson) out of the difference.
 * Strata with fewer than two units in an arm have no variance yet and are left out.
 * Undefined when nothing is left or nothing varies.
 */
export function contrast(strata: readonly Stratum[], a: number, b: number, offset = 0): Contrast | undefined {
  let weights = 0;
  let sum = 0;
  let spread = 0;
  let satterthwaite = 0;
  for (const { candidate, control } of strata) {
    if (candidate.n < 2 || control.n < 2) continue;
    const w = (candidate.n * control.n) / (candidate.n + control.n);
    const vT = (w * w * a * a * candidate.variance) / candidate.n;
    const vC = (w * w * b * b * control.variance) / control.n;
    weights += w;
    sum += w * (a * candidate.mean + b * control.mean + offset);
    spread += vT + vC;
    satterthwaite += (vT * vT) / (candidate.n - 1) + (vC * vC) / (control.n - 1);
  }
  if (!(weights > 0) || !(spread > 0) || !(satterthwaite > 0)) return undefined;
  const value = sum / weights;
  const se = Math.sqrt(spread) / weights;
  const df = (spread * spread) / satterthwaite;
  if (!Number.isFinite(value) || !Number.isFinite(se) || !Number.isFinite(df) || se === 0) return undefined;
  const z = tToZ(value / se, df);
  if (Number.isNaN(z)) return undefined;
  // Past the largest number: as sure as a number can say.
  const sure = Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, z));
  return { value, se, df, nEff: 4 * weights, z: sure };
}

export interface Stratified {
  /** candidate - control. */
  readonly diff: number;
  readonly se: number;
  readonly z: number;
  /** Two-sided, from the normal: strata are large when this is read. */
  readonly p: number;
  readonly nEff: number;
}

/** The difference of two arms over strata (epochs) whose baselines may differ. */
export function stratified(
  strata: readonly { readonly candidate: Moments; readonly control: Moments }[],
): Result<Stratified> {
  if (!strata.every(({ candidate, control }) => usable(candidate) && usable(control)))
    return invalid("counts, means and sums of squares must be finite");
  const result = contrast(strata.map(toStratum), 1, -1);
  if (!result) return notEnoughData("no stratum has two units in each arm and some variance");
  const { value: diff, se, nEff } = result;
  const z = diff / se;
  return finite({ diff, se, z, p: 2 * normalTail(Math.abs(z)), nEff });
}

function toStratum(arms: { readonly candidate: Moments; readonly control: Moments }): Stratum {
  return { candidate: toEstimate(arms.candidate), control: toEstimate(arms.control) };
}

/** The estimate of a mean. */
export function toEstimate(moments: Moments): ArmEstimate {
  return { n: moments.n, mean: moments.mean, variance: variance(moments) };
}
