import { lnBetaAgainst, lnBetaTail } from "../distributions.ts";
import { finite, invalid, type Result } from "../result.ts";

export interface RateLimitInput {
  /** So many of n units have the property. */
  readonly x: number;
  readonly n: number;
  /** The rate that is still accepted, between 0 and 1. */
  readonly limit: number;
}

export interface RateLimitEvidence {
  /** Natural log of the e-value: evidence that the rate is above the limit. 0 without a unit. */
  readonly logE: number;
  /** min(1, 1/E): valid at whatever look it is read. */
  readonly p: number;
}

/**
 * Is the rate of one group above a limit? The uniform mixture over the rates above it against the limit, an
 * e-process at any number of looks (Ville; Robbins 1970):
 * `ln E = lnB(1+x, 1+n-x) + ln(1 - I_l(1+x, 1+n-x)) - ln(1-l) - x ln l - (n-x) ln(1-l)`.
 */
export function rateAboveLimit({ x, n, limit }: RateLimitInput): Result<RateLimitEvidence> {
  if (!(limit > 0 && limit < 1)) return invalid(`a limit must lie between 0 and 1, not ${limit}`);
  if (!(x >= 0 && x <= n) || !Number.isFinite(n)) return invalid(`${x} of ${n} is not a rate`);
  const theta = [limit, 1 - limit];
  const logE =
    lnBetaAgainst([1 + x, 1 + n - x], theta) +
    lnBetaTail(1 + x, 1 + n - x, limit) -
    lnBetaAgainst([1, 1], theta) -
    lnBetaTail(1, 1, limit);
  return finite({ logE, p: Math.min(1, Math.exp(-logE)) });
}
