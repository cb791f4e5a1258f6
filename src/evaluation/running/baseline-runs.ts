import type { CaseResult } from "../grading/case-result.ts";
import type { EvaluationPolicy } from "./evaluation-policy.ts";
import type { CaseContext, CaseRun } from "./run-case.ts";
import { runCases } from "./run-cases.ts";

/** Runs of a case that have to be known before none is made. */
const ENOUGH_RUNS = 3;

/** How often each repeat of a case has to have been measured before it is reused instead of asked. */
export function enoughBaselineRuns({ repeats }: Pick<EvaluationPolicy, "repeats">): number {
  return Math.ceil(ENOUGH_RUNS / repeats);
}

/** Asks again what was reused of the baseline, and gives each new result to `keep`; what errs stays as it was. */
export async function askBaselineAgain(
  runs: readonly CaseRun[],
  results: readonly CaseResult[],
  work: {
    readonly context: CaseContext;
    readonly concurrency: number;
    readonly keep: (run: CaseRun, result: CaseResult) => Promise<void> | void;
    readonly onOutage: "throw" | "report";
  },
): Promise<void> {
  const key = ({ caseIndex, repeat }: Pick<CaseResult, "caseIndex" | "repeat">) => `${caseIndex}/${repeat}`;
  const reused = new Set(results.filter(({ arm, reused: is }) => arm === "baseline" && is).map(key));
  const todo = new Map(
    runs.filter((run) => run.arm.name === "baseline" && reused.has(key(run))).map((run) => [key(run), run]),
  );
  await runCases({
    todo: [...todo.values()],
    context: work.context,
    concurrency: work.concurrency,
    isDecided: () => false,
    keep: async (result) => {
      if (result.error === null) await work.keep(todo.get(key(result))!, result);
    },
    hadSuccess: true,
    onOutage: work.onOutage,
  });
}

/** A result with how often it passed in all its runs that are kept, where these are several. */
export function withRuns(result: CaseResult, runs: CaseResult["runs"]): CaseResult {
  return runs && runs.of > 1 && result.error === null ? { ...result, runs } : result;
}
