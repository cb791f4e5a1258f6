import { sql } from "kysely";
import type { GatePolicy } from "../../domain/policy/policy.ts";
import { tellEvaluation } from "../authored-channel.ts";
import type { Database, Transaction } from "../database.ts";
import { storableJson } from "../storable-json.ts";
import { appendAudit } from "./append-audit.ts";

export interface EvaluationToOpen {
  readonly id: string;
  readonly prompt: string;
  readonly by: string;
  readonly candidateVersion: string;
  readonly baselineVersion: string | null;
  readonly datasetSha256: string;
  readonly gate: GatePolicy;
  readonly gateSha256: string;
  readonly judgeSha256: string;
}

/** Opens an evaluation that is no rollout's, and says who wanted it; one of this id that has no verdict goes on. */
export async function openEvaluation(transaction: Transaction, request: EvaluationToOpen): Promise<void> {
  const opened = await transaction
    .insertInto("evaluations")
    .values({
      id: request.id,
      rollout_id: null,
      candidate_version: request.candidateVersion,
      baseline_version: request.baselineVersion,
      dataset_sha256: request.datasetSha256,
      gate: storableJson(request.gate),
      gate_sha256: request.gateSha256,
      judge_sha256: request.judgeSha256,
    })
    .onConflict((conflict) => conflict.column("id").doNothing())
    .returning("id")
    .executeTakeFirst();
  await tellEvaluation(transaction, request.id);
  if (!opened) return reopenEvaluation(transaction, request.id);
  await appendAudit(transaction, {
    prompt: request.prompt,
    action: "evaluation_requested",
    toVersion: request.candidateVersion,
    fromVersion: request.baselineVersion,
    assertedActor: request.by,
    details: { evaluationId: request.id, maxCostUsd: request.gate.max_cost_usd },
  });
}

/** Has one that has no verdict go on. */
export async function reopenEvaluation(transaction: Transaction, id: string): Promise<void> {
  await transaction
    .updateTable("evaluations")
    .set({ reason: null, ended_at: null })
    .where("id", "=", id)
    .where("verdict", "is", null)
    .execute();
}

/** Ends an evaluation without a verdict, and says why; one that has a verdict keeps it. */
export async function failEvaluation(db: Database, id: string, reason: string): Promise<void> {
  await db
    .updateTable("evaluations")
    .set({ reason, ended_at: sql<Date>`now()` })
    .where("id", "=", id)
    .where("verdict", "is", null)
    .execute();
  await tellEvaluation(db, id);
}

/** The same of one that has not ended in any way; false where it has. */
export async function closeEvaluation(db: Database, id: string, reason: string): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable("evaluations")
    .set({ reason, ended_at: sql<Date>`now()` })
    .where("id", "=", id)
    .where("ended_at", "is", null)
    .executeTakeFirst();
  await tellEvaluation(db, id);
  return numUpdatedRows > 0n;
}

/** Keeps in which namespace of Temporal its workflow is started. */
export async function locateEvaluation(
  db: Database,
  id: string,
  { namespaceId }: { readonly namespaceId: string },
): Promise<void> {
  await db
    .updateTable("evaluations")
    .set({ temporal_namespace_id: namespaceId })
    .where("id", "=", id)
    .execute();
}
