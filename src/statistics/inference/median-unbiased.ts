import { normalQuantile } from "../distributions.ts";
import { driftForPower } from "./group-sequential.ts";
import { alphaProblem, finite, notEnoughData, type Result } from "../result.ts";

export interface MedianUnbiasedInput {
  /** One-sided level of the boundary. */
  readonly alpha: number;
  /** Information fraction at which it was crossed. */
  readonly information: number;
  /** Standard error of the effect there. */
  readonly se: number;
}

export interface MedianUnbiased {
  /** The expected Z at the end of the information. */
  readonly drift: number;
  /** In the unit of the standard error: what was shown to be above 0. */
  readonly effect: number;
}

/**
 * The effect with which the boundary `Z >= z_{1-a/2} / sqrt(t)` would have been crossed by now in half of all runs:
 * the median-unbiased estimate in the order of stopping (Kim 1989; stage-wise ordering), under a continuous watch.
 * The estimate at the stop itself is too large, since what stopped the run is that it was large.
 */
export function medianUnbiased({ alpha, information, se }: MedianUnbiasedInput): Result<MedianUnbiased> {
  const problem = alphaProblem(alpha);
  if (problem) return problem;
  if (!(information > 0) || !(se > 0) || !Number.isFinite(se))
    return notEnoughData("an estimate needs information and a standard error");
  const t = Math.min(1, information);
  const drift = driftForPower(-normalQuantile(alpha / 2), 0.5, t);
  return finite({ drift, effect: drift * Math.sqrt(t) * se });
}
