import { digestJson } from "../digest.ts";
import { invalidInput } from "../domain/errors.ts";
import { isComparative } from "./dataset/comparative-case.ts";
import { compareBest } from "./grading/compare-best.ts";
import { type Dataset, datasetSha256 } from "./dataset/dataset.ts";
import { askBaselineAgain, restsOnEarlierBaseline } from "./running/baseline-runs.ts";
import { type CaseResult, resultKey } from "./grading/case-result.ts";
import type { EvaluationOptions } from "./evaluation-options.ts";
import { JUDGE_VERSION } from "./grading/judge.ts";
import { type EvaluationReport, makeReport } from "./verdict/report.ts";
import { type EvaluationRun, runEvaluation } from "./running/run-evaluation.ts";

export type { EvaluationOptions, EvaluationProgress } from "./evaluation-options.ts";
export type { EvaluationPolicy } from "./evaluation-policy.ts";

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
  const compared = (await compareBest(run, arms)).flat();
  const report = (results: readonly CaseResult[]) =>
    reportOf(options, run, options.recorded?.averaged?.(results) ?? results);
  const first = report(compared);
  if (!restsOnEarlierBaseline(first, options.gate)) return first;
  const fresh = new Map<string, CaseResult>();
  await askBaselineAgain(run.runs, compared, {
    means: run.means,
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

/** The report of a run, with its results as they are after comparisons. */
export function reportOf(
  options: Pick<EvaluationOptions, "candidate" | "baseline" | "dataset" | "gate">,
  run: Omit<EvaluationRun, "means" | "resultsOf" | "runs">,
  results: EvaluationReport["results"],
): EvaluationReport {
  const { dataset, gate, candidate, baseline } = options;
  return makeReport({
    cases: run.cases.length,
    gate,
    hasBaseline: baseline !== undefined,
    results,
    total: run.total,
    dataset: { name: dataset.name, sha256: datasetSha256(dataset) },
    judge: { model: `${run.judge.provider}/${run.judge.model}`, version: JUDGE_VERSION },
    candidateSha256: digestJson(candidate),
    baselineSha256: baseline ? digestJson(baseline) : null,
    reused: run.reused,
    checked: run.checked,
    warnings: [...dataset.warnings, ...run.leaks],
  });
}
