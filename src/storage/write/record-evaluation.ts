import { sql } from "kysely";
import type { Database } from "../database.ts";

export interface EvaluationToBegin {
  readonly rolloutId: string | null;
  readonly candidateVersion: string;
  readonly baselineVersion: string | null;
  readonly datasetSha256: string;
  readonly gateSha256: string;
  readonly judgeSha256: string;
}

/** Opens an evaluation, or gives the one that this rollout has opened before. */
export async function beginEvaluation(db: Database, begin: EvaluationToBegin): Promise<string> {
  const values = {
    rollout_id: begin.rolloutId,
    candidate_version: begin.candidateVersion,
    baseline_version: begin.baselineVersion,
    dataset_sha256: begin.datasetSha256,
    gate_sha256: begin.gateSha256,
    judge_sha256: begin.judgeSha256,
  };
  const begun = await db
    .insertInto("evaluations")
    .values(values)
    .onConflict((conflict) =>
      conflict
        .column("rollout_id")
        .where("rollout_id", "is not", null)
        .doUpdateSet({ gate_sha256: begin.gateSha256 }),
    )
    .returning("id")
    .executeTakeFirstOrThrow();
  if (begin.rolloutId !== null)
    await db
      .updateTable("rollouts")
      .set({ evaluation_id: begun.id })
      .where("id", "=", begin.rolloutId)
      .execute();
  return begun.id;
}

export interface RecordedResult {
  readonly arm: "candidate" | "baseline";
  readonly caseIndex: number;
  readonly repeat: number;
  readonly result: unknown;
}

/** Keeps the result of one call, so that a worker that starts over does not pay for it again. */
export async function saveEvaluationResult(
  db: Database,
  evaluationId: string,
  { arm, caseIndex, repeat, result }: RecordedResult,
): Promise<void> {
  await db
    .insertInto("evaluation_results")
    .values({
      evaluation_id: evaluationId,
      arm,
      case_index: caseIndex,
      repeat,
      result: JSON.stringify(result),
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

export async function loadEvaluationResults(db: Database, evaluationId: string): Promise<RecordedResult[]> {
  const rows = await db
    .selectFrom("evaluation_results")
    .select(["arm", "case_index", "repeat", "result"])
    .where("evaluation_id", "=", evaluationId)
    .orderBy("arm")
    .orderBy("case_index")
    .orderBy("repeat")
    .execute();
  return rows.map(({ arm, case_index, repeat, result }) => ({ arm, caseIndex: case_index, repeat, result }));
}

export async function finishEvaluation(
  db: Database,
  evaluationId: string,
  end: {
    readonly verdict: "pass" | "fail" | "insufficient";
    readonly reason: string;
    readonly report: unknown;
    readonly costUsd: number | null;
  },
): Promise<void> {
  await db
    .updateTable("evaluations")
    .set({
      verdict: end.verdict,
      reason: end.reason,
      report: JSON.stringify(end.report),
      cost_usd: end.costUsd,
      ended_at: sql<Date>`now()`,
    })
    .where("id", "=", evaluationId)
    .execute();
}
