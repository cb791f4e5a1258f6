import { sql } from "kysely";
import { notFound } from "../../domain/errors.ts";
import type { RolloutHistory } from "../../domain/shapes/rollout-record.ts";
import type { Database } from "../database.ts";
import { readAudit } from "./audit.ts";
import { findRollout } from "./rollout-row.ts";
import { lastLook } from "./stored-looks.ts";
import { statusOfRollout } from "./rollout-status.ts";

/** `withoutLooks`: only how many looks there were, for who shows none of them. */
export async function readRolloutHistory(
  db: Database,
  rolloutId: string,
  { withoutLooks = false }: { readonly withoutLooks?: boolean } = {},
): Promise<RolloutHistory> {
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
  const { count } = await db
    .selectFrom("assessments")
    .select((one) => one.fn.countAll<string>().as("count"))
    .where("rollout_id", "=", rolloutId)
    .executeTakeFirstOrThrow();
  const decisive = withoutLooks ? undefined : await lastLook(db, rolloutId);
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
    assessments: withoutLooks ? [] : await changesOfVerdict(db, rolloutId),
    ticks: Number(count),
    policy: row.policy,
    decision: decisive ? { ...decisive, at: decisive.at.toISOString() } : null,
    audit: await readAudit(db, { rolloutId, limit: 10_000 }),
  };
}

/** The looks whose verdict is another one than that of the look before, and the last one. */
async function changesOfVerdict(db: Database, rolloutId: string): Promise<RolloutHistory["assessments"]> {
  const { rows } = await sql<{ tick: number; at: Date; stage: number; verdict: string; reason: string }>`
    select a.tick, a.at, a.stage, a.verdict, a.reason from (
      select tick, verdict, lag(verdict) over looks as before, lead(tick) over looks as next
      from sluice.assessments where rollout_id = ${rolloutId} window looks as (order by tick)
    ) seen join sluice.assessments a on a.rollout_id = ${rolloutId} and a.tick = seen.tick
    where seen.verdict is distinct from seen.before or seen.next is null
    order by a.tick`.execute(db);
  return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
}
