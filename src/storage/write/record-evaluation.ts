import { sql } from "kysely";
import type { GatePolicy } from "../../domain/policy/policy.ts";
import type { CaseResult } from "../../evaluation/grading/case-result.ts";
import { tellEvaluation } from "../authored-channel.ts";
import type { Database } from "../database.ts";
import { transact } from "../transact.ts";
import { storableJson } from "../storable-json.ts";

export interface EvaluationToBegin {
  readonly rolloutId: string | null;
  readonly candidateVersion: string;
  readonly baselineVersion: string | null;
  readonly datasetSha256: string;
  readonly gate: Partial<GatePolicy>;
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
    gate: storableJson(begin.gate),
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
  await tellEvaluation(db, begun.id);
  return begun.id;
}

/**
 * Keeps the result of one case run, so that a worker that starts over does not pay for it again. The first
 * one stays. `reuseKey` where a later evaluation may take it over.
 */
export async function saveEvaluationResult(
  db: Database,
  evaluationId: string,
  result: CaseResult,
  reuseKey: string | undefined,
): Promise<void> {
  await db
    .insertInto("evaluation_results")
    .values({
      evaluation_id: evaluationId,
      arm: result.arm,
      case_index: result.caseIndex,
      repeat: result.repeat,
      result: storableJson(result),
      reuse_key: reuseKey ?? null,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  await tellEvaluation(db, evaluationId);
}

/** Puts a new measurement of the baseline in the place of one that was reused. */
export async function replaceReusedResult(
  db: Database,
  evaluationId: string,
  result: CaseResult,
): Promise<void> {
  await db
    .updateTable("evaluation_results")
    .set({ result: storableJson(result), reused_from: null, recorded_at: sql<Date>`clock_timestamp()` })
    .where("evaluation_id", "=", evaluationId)
    .where("arm", "=", "baseline")
    .where("case_index", "=", result.caseIndex)
    .where("repeat", "=", result.repeat)
    .execute();
}

/** Replaces results by what they became when the versions' answers were compared: all of them or none. */
export async function saveComparison(
  db: Database,
  evaluationId: string,
  results: readonly CaseResult[],
): Promise<void> {
  await transact(db, async (transaction) => {
    for (const result of results)
      await transaction
        .updateTable("evaluation_results")
        .set({ result: storableJson(result) })
        .where("evaluation_id", "=", evaluationId)
        .where("arm", "=", result.arm)
        .where("case_index", "=", result.caseIndex)
        .where("repeat", "=", result.repeat)
        .execute();
  });
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
      report: storableJson(end.report),
      cost_usd: end.costUsd,
      ended_at: sql<Date>`now()`,
    })
    .where("id", "=", evaluationId)
    .execute();
  await tellEvaluation(db, evaluationId);
}
