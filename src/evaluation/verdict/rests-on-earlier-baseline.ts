import type { EvaluationPolicy } from "../running/evaluation-policy.ts";
import { failingFallback } from "./fallback-report.ts";
import type { EvaluationReport } from "./report.ts";

/**
 * Whether a verdict against a version rests on results of the baseline that were measured before: those may have
 * been lucky, so the baseline is asked afresh first.
 */
export function restsOnEarlierBaseline(report: EvaluationReport, gate: EvaluationPolicy): boolean {
  const isReused = report.results.some(({ arm, reused }) => arm === "baseline" && reused);
  if (!isReused || report.looks === "not_delivered") return false;
  const isTooLow = report.passRate === null || report.passRate < gate.min_pass_rate - 1e-9;
  const isBroken = report.findings.some(({ severity }) => severity === "error");
  const isByFallback = failingFallback(report.fallbacks)?.reason === report.reason;
  return report.looks === "worse" || (report.verdict === "fail" && !isTooLow && !isBroken && !isByFallback);
}
