import { lnBetaAgainst, lnBetaTail } from "../distributions.ts";
import { finite, invalid, type Result } from "../result.ts";

/**
 * Are rare events (errors, time-outs, refusals) more frequent in the candidate than tolerated?
 * Given that an event happened, it is the candidate's with probability at most θ0; a Beta(a, b) mixture
 * over the larger ones against θ0 is an e-process, so any number of looks is allowed (Ville; Robbins 1970).
 */
export interface MixtureBinomialInput {
  /** Units with at least one event, by arm. */
  readonly eventsCandidate: number;
  readonly eventsControl: number;
  /** The candidate's expected share of all enrolled units; 0.5 when matched. */
  readonly candidateShare: number;
  /** Tolerated risk ratio, candidate over control; 1 by default. */
  readonly toleratedRatio?: number;
  readonly a?: number;
  readonly b?: number;
}

export interface MixtureBinomial {
  readonly theta0: number;
  /** Natural log of the e-value: evidence of harm. 0 with no event at all. */
  readonly logE: number;
  /** min(1, 1/E). */
  readonly p: number;
}

/** `ln E = lnB(a+x_T, b+x_C) + ln(1 - I_θ0(a+x_T, b+x_C)) - lnB(a,b) - ln(1 - I_θ0(a,b)) - x_T ln θ0 - x_C ln(1-θ0)`. */
export function mixtureBinomial(input: MixtureBinomialInput): Result<MixtureBinomial> {
  const { eventsCandidate: x, eventsControl: y, candidateShare: share } = input;
  const { toleratedRatio = 1, a = 1, b = 1 } = input;
  if (!(share > 0 && share < 1))
    return invalid(`the candidate's share must lie between 0 and 1, not ${share}`);
  if (!(toleratedRatio > 0) || !(a > 0) || !(b > 0) || !Number.isFinite(toleratedRatio + a + b))
    return invalid("the tolerated ratio and the prior must be positive");
  if (!(x >= 0 && y >= 0) || !Number.isFinite(x + y)) return invalid("event counts must be 0 or more");
  const odds = share * toleratedRatio;
  const theta0 = odds / (odds + 1 - share);
  const theta = [theta0, 1 - theta0];
  const logE =
    lnBetaAgainst([a + x, b + y], theta) +
    lnBetaTail(a + x, b + y, theta0) -
    lnBetaAgainst([a, b], theta) -
    lnBetaTail(a, b, theta0);
  return finite({ theta0, logE, p: Math.min(1, Math.exp(-logE)) });
}
