import { digestJson } from "../../digest.ts";
import { datasetSha256 } from "../dataset/dataset.ts";
import { firstEqual } from "../dataset/duplicates.ts";
import { JUDGE_VERSION } from "../grading/assertions/judge.ts";
import type { EvaluationOptions } from "../running/evaluation-options.ts";
import type { EvaluationRun } from "../running/run-evaluation.ts";
import { type EvaluationReport, makeReport } from "./report.ts";

/** The report of a run, with its results as they are after comparisons. */
export function reportOf(
  options: Pick<EvaluationOptions, "candidate" | "baseline" | "dataset" | "gate">,
  run: Omit<EvaluationRun, "context" | "resultsOf" | "runs">,
  results: EvaluationReport["results"],
): EvaluationReport {
  const { dataset, gate, candidate, baseline } = options;
  return makeReport({
    cases: run.cases.length,
    firstEqual: firstEqual(run.cases),
    gate,
    hasBaseline: baseline !== undefined,
    results,
    fallbacks: run.fallbacks,
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
