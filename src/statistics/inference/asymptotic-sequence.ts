import { alphaProblem, finite, invalid, notEnoughData, type Result } from "../result.ts";

/**
 * Asymptotic confidence sequences: intervals for a difference that hold at every look at once.
 * Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas, "Time-uniform central limit theory and asymptotic
 * confidence sequences" (Annals of Statistics 2024); the mixture's scale is set so that the interval is
 * tightest at `nStar` units.
 */
export interface SequenceInput {
  /** candidate - control (one-sided: the harm). */
  readonly diff: number;
  /** Standard error of diff. */
  readonly se: number;
  /** Effective units in both arms together, as {@link stratified} gives. */
  readonly nEff: number;
  /** Units at which the sequence should be tightest. */
  readonly nStar: number;
  readonly alpha: number;
}

export interface TwoSidedSequence {
  readonly rho: number;
  /** The interval is diff ± multiplier · se. */
  readonly multiplier: number;
  readonly halfWidth: number;
  readonly low: number;
  readonly high: number;
  /** Valid at whatever look it is read. */
  readonly p: number;
}

export interface OneSidedSequence {
  readonly rho: number;
  readonly multiplier: number;
  /** With confidence 1 - alpha at every look at once, the harm is more than this. */
  readonly lowerBound: number;
  readonly p: number;
}

function problemOf(input: SequenceInput) {
  if (!(input.nStar > 0)) return invalid(`nStar must be positive, not ${input.nStar}`);
  const problem = alphaProblem(input.alpha);
  if (problem) return problem;
  if (!(input.nEff > 0) || !(input.se > 0) || !Number.isFinite(input.diff + input.se + input.nEff))
    return notEnoughData("a confidence sequence needs units in both arms and some variance");
  return undefined;
}

function mixtureScale(alpha: number, nStar: number): number {
  return Math.sqrt((-2 * Math.log(alpha) + Math.log(1 - 2 * Math.log(alpha))) / nStar);
}

/** Two-sided: `c = sqrt((1 + 1/r) ln((1 + r)/α²))`, `r = N ρ²`, interval `diff ± c·se`. */
export function asymptoticSequence(input: SequenceInput): Result<TwoSidedSequence> {
  const problem = problemOf(input);
  if (problem) return problem;
  const { diff, se, nEff, nStar, alpha } = input;
  const rho = mixtureScale(alpha, nStar);
  const r = nEff * rho * rho;
  const multiplier = Math.sqrt((1 + 1 / r) * (Math.log1p(r) - 2 * Math.log(alpha)));
  const z = diff / se;
  const p = Math.min(1, Math.exp(0.5 * Math.log1p(r) - (z * z * r) / (2 * (1 + r))));
  const halfWidth = multiplier * se;
  return finite({ rho, multiplier, halfWidth, low: diff - halfWidth, high: diff + halfWidth, p });
}

/** The multiplier `c1` of the one-sided sequence at information r, and the p-value of a score there. */
export function oneSidedMultiplier(nEff: number, nStar: number, alpha: number): number {
  const rho = mixtureScale(2 * alpha, nStar);
  const r = nEff * rho * rho;
  return Math.sqrt((1 + 1 / r) * 2 * Math.log1p(Math.sqrt(1 + r) / (2 * alpha)));
}

/** `min(1, sqrt(1+r) / (2 expm1(z² r / (2(1+r)))))`, 1 when z <= 0. */
export function oneSidedP(z: number, nEff: number, nStar: number, alpha: number): number {
  if (z <= 0) return 1;
  const rho = mixtureScale(2 * alpha, nStar);
  const r = nEff * rho * rho;
  return Math.min(1, Math.sqrt(1 + r) / (2 * Math.expm1((z * z * r) / (2 * (1 + r)))));
}

/**
 * One-sided, for a harm greater than 0: `c1 = sqrt((1 + 1/r) 2 ln(1 + sqrt(1+r)/(2α)))`, lower bound
 * `diff - c1·se`. α must be under 0.5.
 */
export function asymptoticSequenceOneSided(input: SequenceInput): Result<OneSidedSequence> {
  const problem = problemOf(input);
  if (problem) return problem;
  const { diff, se, nEff, nStar, alpha } = input;
  if (alpha >= 0.5) return invalid(`a one-sided alpha must be under 0.5, not ${alpha}`);
  const multiplier = oneSidedMultiplier(nEff, nStar, alpha);
  return finite({
    rho: mixtureScale(2 * alpha, nStar),
    multiplier,
    lowerBound: diff - multiplier * se,
    p: oneSidedP(diff / se, nEff, nStar, alpha),
  });
}
