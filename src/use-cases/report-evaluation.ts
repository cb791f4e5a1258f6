import { conflict } from "../domain/errors.ts";
import { junitReport } from "../evaluation/reports/junit.ts";
import type { Database } from "../storage/database.ts";
import { pageOfResults } from "../storage/read/evaluation-list.ts";
import type { ShownEvaluation } from "../evaluation/verdict/kept-evaluation.ts";

/** A stored evaluation as JUnit XML; `conflict` while it has no verdict. */
export async function reportEvaluation(
  db: Database,
  { evaluationId, candidate, state, reason, report }: ShownEvaluation,
): Promise<string> {
  if (!report)
    throw conflict(
      state === "running"
        ? "the evaluation is running; ask again when it has ended"
        : `the evaluation has ended without a verdict: ${reason}`,
      { evaluationId, state },
    );
  return junitReport({ ...report, results: await pageOfResults(db, evaluationId) }, candidate);
}
