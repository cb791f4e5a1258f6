import { notFound } from "../../domain/errors.ts";
import type { RolloutHistory } from "../../domain/shapes/rollout-record.ts";
import type { Database } from "../database.ts";
import { readAudit } from "./audit.ts";
import { findRollout } from "./rollout-row.ts";
import { lastLook } from "./stored-looks.ts";
import { statusOfRollout } from "./rollout-status.ts";

export async function readRolloutHistory(db: Database, rolloutId: string): Promise<RolloutHistory> {
  const [rollout, row] = [await statusOfRollout(db, rolloutId), await findRollout(db, rolloutId)];
  if (!rollout || !row) throw notFound(`there is no rollout ${rolloutId}`);
  const evaluation = await db
    .selectFrom("evaluations")
    .selectAll()
    .where("rollout_id", "=", rolloutId)
    .executeTakeFirst();
  const approvals = await db
    .selectFrom("approvals")
    .selectAll()
    .where("rollout_id", "=", rolloutId)
    .orderBy("decided_at")
    .execute();
  const ticks = await db
    .selectFrom("assessments")
    .select(["tick", "at", "stage", "verdict", "reason"])
    .where("rollout_id", "=", rolloutId)
    .orderBy("tick")
    .execute();
  const decisive = await lastLook(db, rolloutId);
  return {
    rollout,
    gate: evaluation
      ? {
          evaluationId: evaluation.id,
          verdict: evaluation.verdict,
          reason: evaluation.reason,
          looks: rollout.gate?.looks ?? null,
          findings: rollout.gate?.findings ?? [],
          datasetSha256: evaluation.dataset_sha256,
          costUsd: evaluation.cost_usd === null ? null : Number(evaluation.cost_usd),
          endedAt: evaluation.ended_at?.toISOString() ?? null,
        }
      : null,
    approvals: approvals.map((one) => ({
      point: one.point,
      decision: one.decision,
      login: one.actor,
      asserted: one.asserted_actor,
      comment: one.comment,
      at: one.decided_at.toISOString(),
    })),
    assessments: ticks
      .filter(({ verdict }, at) => at === ticks.length - 1 || verdict !== ticks[at - 1]?.verdict)
      .map(({ tick, at, stage, verdict, reason }) => ({
        tick,
        at: at.toISOString(),
        stage,
        verdict,
        reason,
      })),
    ticks: ticks.length,
    policy: row.policy,
    decision: decisive ? { ...decisive, at: decisive.at.toISOString() } : null,
    audit: await readAudit(db, { rolloutId, limit: 10_000 }),
  };
}
