import { invalidInput } from "../domain/errors.ts";
import { isComparative } from "./dataset/comparative-case.ts";
import { compareBest } from "./running/compare-best.ts";
import type { Dataset } from "./dataset/dataset.ts";
import { askBaselineAgain } from "./running/baseline-runs.ts";
import { type CaseResult, resultKey } from "./grading/case-result.ts";
import type { EvaluationOptions } from "./running/evaluation-options.ts";
import type { EvaluationReport } from "./verdict/report.ts";
import { reportOf } from "./verdict/report-of-run.ts";
import { restsOnEarlierBaseline } from "./verdict/rests-on-earlier-baseline.ts";
import { runEvaluation } from "./running/run-evaluation.ts";

export type { EvaluationOptions, EvaluationProgress } from "./running/evaluation-options.ts";
export type { EvaluationPolicy } from "./running/evaluation-policy.ts";

/**
 * Answers the gate's question: is the candidate at least as good as the baseline on these cases, and how
 * sure is that? Both versions are asked the same cases the same number of times. Throws `invalid_input`
 * before the first call for what cannot be asked, and the endpoint's own error when nothing could be.
 */
export async function evaluate(options: EvaluationOptions): Promise<EvaluationReport> {
  if (!options.baseline) refuseComparisons(options.dataset);
  const run = await runEvaluation(options);
  const arms = options.baseline
    ? [run.resultsOf("candidate"), run.resultsOf("baseline")]
    : [run.resultsOf("candidate")];
  const compared = [
    ...(await compareBest(run, arms)).flat(),
    ...run.fallbacks.flatMap(({ arm }) => run.resultsOf(arm.name)),
  ];
  const report = (results: readonly CaseResult[]) =>
    reportOf(options, run, options.recorded?.averaged?.(results) ?? results);
  const first = report(compared);
  if (!restsOnEarlierBaseline(first, options.gate)) return first;
  const fresh = new Map<string, CaseResult>();
  await askBaselineAgain(run.runs, compared, {
    context: run.context,
    concurrency: options.concurrency ?? options.providers.concurrency,
    onOutage: "report",
    async keep(_, result) {
      fresh.set(resultKey(result), result);
      await options.recorded?.save(result);
    },
  });
  const results = compared.map((result) => fresh.get(resultKey(result)) ?? result);
  const reused = results.filter((result) => result.reused).length;
  return reportOf(options, { ...run, reused }, options.recorded?.averaged?.(results) ?? results);
}

/** A comparison needs something to compare with. */
export function refuseComparisons(dataset: Dataset): void {
  const found = dataset.cases.find(isComparative);
  if (found)
    throw invalidInput(`${found.where}: select-best compares versions; give a baseline, or several prompts`, {
      where: found.where,
    });
}
