import { normalQuantile } from "../distributions.ts";
import { alphaProblem, finite, invalid, notEnoughData, type Result } from "../result.ts";

export interface SampleSizeInput {
  /** Variance of one unit in each arm: sd², or p (1 - p). */
  readonly varianceCandidate: number;
  readonly varianceControl: number;
  /** The difference to detect, or the margin of a version that does no harm. */
  readonly effect: number;
  readonly alpha: number;
  readonly sides: 1 | 2;
  readonly power: number;
  /** Control units for each candidate unit; 1 by default. */
  readonly controlPerCandidate?: number;
}

export interface SampleSize {
  /** Before rounding up. */
  readonly exact: number;
  readonly candidate: number;
  readonly control: number;
}

/** Units for one test at a fixed size: `(z_{1-α/sides} + z_power)² (vT + vC/k) / d²`. */
export function sampleSize(input: SampleSizeInput): Result<SampleSize> {
  const {
    varianceCandidate,
    varianceControl,
    effect,
    alpha,
    sides,
    power,
    controlPerCandidate: k = 1,
  } = input;
  const problem = alphaProblem(alpha);
  if (problem) return problem;
  if (!(power > 0 && power < 1)) return invalid(`power must lie between 0 and 1, not ${power}`);
  if (!(k > 0)) return invalid("there must be control units");
  if (!(effect !== 0) || !Number.isFinite(effect))
    return invalid("no number of units detects an effect of 0");
  if (!(varianceCandidate >= 0 && varianceControl >= 0)) return invalid("a variance is 0 or more");
  if (varianceCandidate + varianceControl === 0)
    return notEnoughData("without variance there is nothing to plan");
  const z = -normalQuantile(alpha / sides) + normalQuantile(power);
  const exact = (z * z * (varianceCandidate + varianceControl / k)) / (effect * effect);
  const candidate = Math.ceil(exact);
  return finite({ exact, candidate, control: Math.ceil(candidate * k) });
}
