import { type CaseResult, isVersionArm, resultKey } from "../grading/case-result.ts";
import { compareBest } from "../running/compare-best.ts";
import { reportOf } from "./report-of-run.ts";
import type { EvaluationOptions } from "../running/evaluation-options.ts";
import { notRun } from "../running/not-run.ts";
import type { PreparedEvaluation } from "../running/prepared-evaluation.ts";
import type { EvaluationReport } from "./report.ts";
import type { CaseContext } from "../running/run-case.ts";

export interface Conclusion {
  readonly options: Pick<EvaluationOptions, "candidate" | "baseline" | "dataset" | "gate">;
  readonly prepared: PreparedEvaluation;
  readonly results: readonly CaseResult[];
  /** Why runs without a result have none: left out since they could change nothing, or an error for the verdict. */
  readonly missing: "left out" | "the budget is used up";
  readonly context: CaseContext;
  /** Records the results of a comparison (`select-best`) as it is made. */
  readonly keep: (results: readonly CaseResult[]) => Promise<void>;
}

/** The report of an evaluation whose results were recorded batch by batch. */
export async function concludeEvaluation(conclusion: Conclusion): Promise<EvaluationReport> {
  const { options, prepared, results, missing, context, keep } = conclusion;
  const { cases, runs, fallbacks, judge, checked, leaks, isSound } = prepared;
  const known = new Set(results.map(resultKey));
  const all = [...results];
  if (missing !== "left out" && isSound)
    for (const run of runs)
      if (!known.has(resultKey({ ...run, arm: run.arm.name }))) all.push(notRun(run, missing));
  const arms = prepared.arms.map(({ name }) => all.filter(({ arm }) => arm === name));
  const compared = await compareBest({ cases, context }, arms, keep);
  const reused = results.filter((result) => result.reused).length;
  const run = { cases, fallbacks, total: runs.length, reused, judge, checked, leaks };
  return reportOf(options, run, [...compared.flat(), ...all.filter(({ arm }) => !isVersionArm(arm))]);
}
