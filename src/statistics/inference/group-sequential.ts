import { lnNormalCdf, normalCdf, normalQuantile } from "../distributions.ts";
import { alphaProblem, finite, invalid, notEnoughData, type Result } from "../result.ts";

/**
 * The promotion boundary: reject when `Z >= c / sqrt(t)` with `c = z_{1-α/2}`. By the reflection
 * principle a Brownian motion B (with Z = B(t)/sqrt(t)) crosses the flat line c before time 1 with
 * probability `2 P(B(1) > c) = α`, so any number of looks at t <= 1 keeps the level.
 */
export interface Boundary {
  readonly c: number;
  /** What Z must reach at this look. */
  readonly critical: number;
}

/** The boundary at information fraction t (what exceeds 1 counts as 1). */
export function groupSequentialBoundary(input: {
  readonly alpha: number;
  readonly information: number;
}): Result<Boundary> {
  const problem = alphaProblem(input.alpha);
  if (problem) return problem;
  if (!(input.information > 0)) return notEnoughData("no information has been gathered yet");
  const c = -normalQuantile(input.alpha / 2);
  return finite({ c, critical: c / Math.sqrt(Math.min(1, input.information)) });
}

/**
 * The chance to cross the boundary by information `until` (1 by default) when `drift` is the expected Z
 * at t = 1: `Φ((θs - c)/√s) + exp(2θc) Φ((-c - θs)/√s)`.
 */
export function crossingProbability(drift: number, c: number, until = 1): number {
  if (!(until > 0)) return 0;
  const root = Math.sqrt(until);
  const reflected = Math.exp(2 * drift * c + lnNormalCdf((-c - drift * until) / root));
  return Math.min(1, normalCdf((drift * until - c) / root) + reflected);
}

export interface GroupSequentialPower {
  /** The expected Z at t = 1 that reaches the power. */
  readonly drift: number;
  /** N_max over the size of a fixed-sample test of the same power. */
  readonly inflation: number;
}

/** The drift at which the boundary is crossed with a wanted power, and the price in sample size. */
export function groupSequentialPower(input: {
  readonly alpha: number;
  readonly power: number;
}): Result<GroupSequentialPower> {
  const { alpha, power } = input;
  const problem = alphaProblem(alpha);
  if (problem) return problem;
  if (!(power > alpha && power < 1)) return invalid(`power must lie between alpha and 1, not ${power}`);
  const drift = driftForPower(-normalQuantile(alpha / 2), power);
  const fixed = -normalQuantile(alpha) + normalQuantile(power);
  return finite({ drift, inflation: (drift / fixed) ** 2 });
}

/** The expected Z at t = 1 with which the boundary c is crossed by information `until` with this chance. */
export function driftForPower(c: number, power: number, until = 1): number {
  let low = 0;
  let high = c + 40;
  while (crossingProbability(high, c, until) < power && high < 1e9) high *= 2;
  for (let i = 0; i < 200; i++) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (crossingProbability(middle, c, until) < power) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
