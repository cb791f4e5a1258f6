import type { CaseShares, RegateFinding, RegateReference } from "../../domain/monitors/regate.ts";
import { pairedComparison } from "../../statistics/inference/paired.ts";
import { addValue, NO_MOMENTS } from "../../statistics/moments.ts";
import type { CaseResult } from "../grading/case-result.ts";

/** How often each of so many cases passed, of the results that there are. */
export function sharesOf(
  cases: number,
  results: readonly Pick<CaseResult, "arm" | "caseIndex" | "error" | "pass">[],
): CaseShares {
  const shares: [number, number][] = Array.from({ length: cases }, () => [0, 0]);
  for (const { arm, caseIndex, error, pass } of results) {
    if (arm !== "candidate" || error !== null) continue;
    shares[caseIndex]![0] += Number(pass);
    shares[caseIndex]![1] += 1;
  }
  return shares.map((share) => (share[1] === 0 ? null : share));
}

/** Mean over the cases that have a result of the share that passed, 0 to 1; undefined without any. */
export function passRateOf(shares: CaseShares): number | undefined {
  let moments = NO_MOMENTS;
  for (const share of shares) if (share) moments = addValue(moments, share[0] / share[1]);
  return moments.n === 0 ? undefined : moments.mean;
}

/**
 * The same version's answers then and now, case by case: worse where its pass rate has fallen by more than the margin,
 * but for a chance of `alpha`. Cases that are the same (`firstEqual`, for each the first of them) are one piece of
 * evidence, the mean of them. Undefined where fewer than two can be compared.
 */
export function compareWithReference(
  shares: CaseShares,
  reference: RegateReference,
  { firstEqual, margin, alpha }: { firstEqual: readonly number[]; margin: number; alpha: number },
): RegateFinding | undefined {
  const differences = new Map<number, { sum: number; n: number }>();
  const compared: [number, number][][] = [[], []];
  for (const [index, share] of shares.entries()) {
    const before = reference.shares[index];
    if (!share || !before) continue;
    const first = firstEqual[index] ?? index;
    const seen = differences.get(first) ?? { sum: 0, n: 0 };
    differences.set(first, {
      sum: seen.sum + share[0] / share[1] - before[0] / before[1],
      n: seen.n + 1,
    });
    compared[0]!.push([...share]);
    compared[1]!.push([...before]);
  }
  let moments = NO_MOMENTS;
  for (const { sum, n } of differences.values()) moments = addValue(moments, sum / n);
  const found = pairedComparison(moments, alpha);
  if (!found.ok) return undefined;
  return {
    cases: compared[0]!.length,
    passRate: passRateOf(compared[0]!)!,
    referencePassRate: passRateOf(compared[1]!)!,
    regression: found.regression,
    lower: found.lower,
    alpha,
    worse: found.lower > margin,
  };
}
