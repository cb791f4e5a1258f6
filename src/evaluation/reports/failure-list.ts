import type { CaseResult } from "../grading/case-result.ts";
import type { EvaluationReport } from "../verdict/report.ts";

/** A case that the candidate did not pass, beside what the baseline said. */
export interface Failure {
  readonly caseIndex: number;
  readonly description: string | undefined;
  /** Of its repeats, those that failed or have no result. */
  readonly failed: number;
  readonly repeats: number;
  /** Of the first repeat that did not pass. */
  readonly reason: string;
  readonly isError: boolean;
  readonly output: string;
  /** The baseline's answer in the same repeat; null where there is none. */
  readonly baselineOutput: string | null;
  readonly baselinePassed: boolean | null;
}

/** The cases that did not pass: regressions first, then other failures, then errors. */
export function failureList(report: EvaluationReport): Failure[] {
  const baseline = new Map<string, CaseResult>();
  const byCase = new Map<number, CaseResult[]>();
  for (const result of report.results)
    if (result.arm === "baseline") baseline.set(`${result.caseIndex}/${result.repeat}`, result);
    else if (result.arm === "candidate")
      byCase.set(result.caseIndex, [...(byCase.get(result.caseIndex) ?? []), result]);
  const failures: Failure[] = [];
  for (const [caseIndex, results] of byCase) {
    const bad = results.filter(({ pass }) => !pass);
    const first = bad.find(({ error }) => error === null) ?? bad[0];
    if (!first) continue;
    const other = baseline.get(`${caseIndex}/${first.repeat}`);
    failures.push({
      caseIndex,
      description: first.description,
      failed: bad.length,
      repeats: results.length,
      reason: first.error ?? reasonOf(first),
      isError: first.error !== null,
      output: first.output,
      baselineOutput: other && other.error === null ? other.output : null,
      baselinePassed: other && other.error === null ? other.pass : null,
    });
  }
  const rank = (one: Failure) => (one.isError ? 2 : one.baselinePassed === true ? 0 : 1);
  return failures.toSorted((a, b) => rank(a) - rank(b) || a.caseIndex - b.caseIndex);
}

function reasonOf({ assertions, score }: CaseResult): string {
  const failed = assertions.find((one) => !one.pass);
  return failed
    ? `${failed.type}: ${failed.reason}`
    : `the score ${score.toFixed(2)} is under the case's threshold`;
}
