import type { Direction } from "../../domain/policy/policy.ts";
import { mixtureBinomial } from "../inference/mixture-binomial.ts";
import type { Observations } from "./observations.ts";

export interface ConstantArms {
  /** Units of the candidate whose value is worse than the control's constant by more than is tolerated. */
  readonly worse: number;
  /** Anytime p that they are as many in one arm as in the other. */
  readonly p: number;
}

/**
 * Where no value of either arm varies there is no spread to measure a difference by, and yet a metric that was always
 * 4 and is always 3 has changed. Each of the candidate's units is then an event, "differs from the control's constant
 * for the worse", that none of the control's is.
 */
export function constantArms(
  seen: Observations,
  direction: Direction,
  tolerated: number,
): ConstantArms | undefined {
  let worse = 0;
  let compared = 0;
  for (const { candidate, control } of seen.strata) {
    if (candidate.n < 1 || control.n < 1) continue;
    if (candidate.variance > 0 || control.variance > 0) return undefined;
    const harm = (candidate.mean - control.mean) * (direction === "lower" ? 1 : -1);
    compared += candidate.n;
    // Within rounding of what is tolerated is not beyond it.
    if (harm > tolerated + 1e-9 * Math.abs(control.mean)) worse += candidate.n;
  }
  if (compared === 0) return undefined;
  const result = mixtureBinomial({ eventsCandidate: worse, eventsControl: 0, candidateShare: 0.5 });
  return result.ok ? { worse, p: result.p } : undefined;
}
