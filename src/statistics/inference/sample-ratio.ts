import { chiSquareTail, lnBetaAgainst } from "../distributions.ts";
import { finite, invalid, notEnoughData, type Result, type Undetermined } from "../result.ts";

/** Units seen in each arm of one stratum (an epoch), and the weights that they were assigned by. */
export interface ArmCounts {
  readonly observed: readonly number[];
  readonly weights: readonly number[];
}

export interface SampleRatioEvidence {
  /** Natural log of the e-value that the split is not as configured. */
  readonly logE: number;
  /** min(1, 1/E): valid at whatever look it is read. */
  readonly p: number;
}

function shares(counts: ArmCounts): readonly number[] | Undetermined {
  const { observed, weights } = counts;
  if (observed.length !== weights.length || observed.length < 2)
    return invalid("a split needs one count and one weight for each of at least two arms");
  if (!weights.every((w) => w > 0 && Number.isFinite(w))) return invalid("every weight must be positive");
  if (!observed.every((n) => n >= 0 && Number.isFinite(n))) return invalid("every count must be 0 or more");
  const total = weights.reduce((sum, w) => sum + w, 0);
  return weights.map((w) => w / total);
}

/**
 * Is traffic split as configured? The sequential multinomial test of Lindon & Malek (2022): a Dirichlet
 * mixture (concentration k, centred on the configured shares) over the shares, summed over strata. Arms
 * with zero units count; expected shares come from the weights, never from the data.
 */
export function sampleRatioEvidence(
  strata: readonly ArmCounts[],
  concentration = 100,
): Result<SampleRatioEvidence> {
  if (!(concentration > 0)) return invalid("the concentration must be positive");
  let logE = 0;
  for (const stratum of strata) {
    const theta = shares(stratum);
    if (!Array.isArray(theta)) return theta as Undetermined;
    logE += logEvidence(stratum.observed, theta as readonly number[], concentration);
  }
  return finite({ logE, p: Math.min(1, Math.exp(-logE)) });
}

function logEvidence(observed: readonly number[], theta: readonly number[], k: number): number {
  const prior = theta.map((share) => k * share);
  const posterior = prior.map((alpha, j) => alpha + observed[j]!);
  return lnBetaAgainst(posterior, theta) - lnBetaAgainst(prior, theta);
}

/** ln E of a 1:1 split: what a matched canary checks on every tick. */
export function evenSplitLogE(candidate: number, control: number, k = 100): number {
  return logEvidence([candidate, control], [0.5, 0.5], k);
}

export interface ChiSquare {
  readonly expectedCounts: readonly number[];
  readonly chi2: number;
  readonly df: number;
  readonly p: number;
}

/** Pearson's chi-square test of a split: for one look only. Zero units in an arm count. */
export function chiSquareSampleRatio(counts: ArmCounts): Result<ChiSquare> {
  const theta = shares(counts);
  if (!Array.isArray(theta)) return theta as Undetermined;
  const total = counts.observed.reduce((sum, n) => sum + n, 0);
  if (total === 0) return notEnoughData("no unit has been assigned yet");
  const expectedCounts = (theta as readonly number[]).map((share) => share * total);
  const chi2 = expectedCounts.reduce((sum, e, j) => sum + (counts.observed[j]! - e) ** 2 / e, 0);
  const df = counts.observed.length - 1;
  return finite({ expectedCounts, chi2, df, p: chiSquareTail(chi2, df) });
}
