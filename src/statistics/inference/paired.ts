import { betaIncomplete, tQuantile, tTail } from "../distributions.ts";
import { usable, variance, type Moments } from "../moments.ts";
import { alphaProblem, finite, invalid, notEnoughData, type Result } from "../result.ts";

/**
 * The offline gate puts the same cases through both versions, so it compares pairs: what a case is worth
 * cancels out. A case's repeats are averaged before; everything here counts cases.
 */
export interface PairedComparison {
  /** Cases. */
  readonly n: number;
  /** How much worse the candidate is: baseline - candidate, so a fall in score is above 0. */
  readonly regression: number;
  readonly se: number;
  /** One-sided bounds of the regression, each at 1 - alpha. */
  readonly lower: number;
  readonly upper: number;
  /** One-sided p that the candidate is worse; null when every case gave the same difference. */
  readonly p: number | null;
}

/**
 * Paired t on per-case differences (candidate - baseline, higher is better). Needs two cases. When every
 * case gave the same difference there is no variance: both bounds are then the difference itself.
 */
export function pairedComparison(differences: Moments, alpha = 0.05): Result<PairedComparison> {
  const problem = alphaProblem(alpha);
  if (problem) return problem;
  if (!usable(differences)) return invalid("differences must be finite numbers");
  const { n } = differences;
  if (n < 2) return notEnoughData(`a paired comparison needs at least 2 cases, not ${n}`);
  const regression = 0 - differences.mean;
  const se = Math.sqrt(variance(differences) / n);
  if (se === 0) return finite({ n, regression, se, lower: regression, upper: regression, p: null });
  const reach = -tQuantile(alpha, n - 1) * se;
  return finite({
    n,
    regression,
    se,
    lower: regression - reach,
    upper: regression + reach,
    p: tTail(regression / se, n - 1),
  });
}

export interface McNemar {
  /** One-sided exact p that the candidate fails more cases. */
  readonly pWorse: number;
  /** One-sided exact p that it fails fewer. */
  readonly pBetter: number;
  readonly pTwoSided: number;
}

/**
 * McNemar's exact test of pass/fail pairs: of the cases that only one version passed, each is as likely
 * to be the one's as the other's. Cases that both passed or both failed say nothing.
 */
export function mcnemarExact(pairs: {
  /** Cases that the baseline passed and the candidate failed. */
  readonly worse: number;
  /** Cases that the candidate passed and the baseline failed. */
  readonly better: number;
}): Result<McNemar> {
  const { worse, better } = pairs;
  if (![worse, better].every((x) => Number.isInteger(x) && x >= 0))
    return invalid("counts must be whole, 0 or more");
  if (worse + better === 0) return notEnoughData("no case was passed by one version only");
  const pWorse = atLeast(worse, worse + better);
  const pBetter = atLeast(better, worse + better);
  return finite({ pWorse, pBetter, pTwoSided: Math.min(1, 2 * Math.min(pWorse, pBetter)) });
}

/** P(X >= x) for a fair coin thrown n times. */
function atLeast(x: number, n: number): number {
  return x === 0 ? 1 : betaIncomplete(x, n - x + 1, 0.5);
}

/**
 * The one-sided exact (Clopper-Pearson) bounds of a pass rate over n cases, 0 to 1; of a rate that is a mean
 * of repeats, by the same formula on the fractional count. Few cases are what a gate has, and there the
 * score interval claims more than it knows: one pass of two would be "surely under 90 %".
 */
export function passRateBounds(
  rate: number,
  n: number,
  alpha = 0.05,
): { readonly lower: number; readonly upper: number } {
  if (!(n > 0)) return { lower: 0, upper: 1 };
  const passed = Math.min(n, Math.max(0, rate * n));
  return {
    lower: passed === 0 ? 0 : betaQuantile(alpha, passed, n - passed + 1),
    upper: passed === n ? 1 : betaQuantile(1 - alpha, passed + 1, n - passed),
  };
}

/** The p-quantile of a beta distribution, by halving: sixty halvings are exact to a double. */
function betaQuantile(p: number, a: number, b: number): number {
  let [low, high] = [0, 1];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (betaIncomplete(a, b, middle) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
