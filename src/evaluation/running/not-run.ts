import type { CaseResult } from "../grading/case-result.ts";
import { describeCase } from "../dataset/dataset.ts";
import type { CaseRun } from "./run-case.ts";

/** The result of a run that was not tried, and why: an error, so that nobody takes it for a pass or a fail. */
export function notRun({ arm, testCase, caseIndex, repeat }: CaseRun, why: string): CaseResult {
  return {
    arm: arm.name,
    caseIndex,
    repeat,
    ...(testCase.description !== undefined && { description: testCase.description }),
    pass: false,
    score: 0,
    assertions: [],
    error: `${describeCase(testCase, caseIndex)}: not run, because ${why}`,
    errorKind: "not_run",
    output: "",
    tokens: { input: 0, output: 0 },
    costUsd: 0,
    latencyMs: 0,
  };
}
