import { notFound } from "../../domain/errors.ts";
import { idPrefix, oneByPrefix, ROLLOUT } from "../../domain/id-prefix.ts";
import type { RolloutGate, RolloutStatus } from "../../domain/rollout/rollout.ts";
import type { Database } from "../database.ts";
import { readAudit } from "./audit.ts";
import type { AuditLine } from "../../domain/shapes/audit.ts";
import { findRollout } from "./rollout-row.ts";
import { lastLook, type StoredLook } from "./stored-looks.ts";
import { statusOfRollout } from "./rollout-status.ts";

/** Everything that is kept of one rollout. */
export interface RolloutHistory {
  readonly rollout: RolloutStatus;
  readonly gate: {
    readonly verdict: string | null;
    readonly reason: string | null;
    readonly looks: RolloutGate["looks"];
    readonly findings: RolloutGate["findings"];
    readonly datasetSha256: string;
    readonly costUsd: number | null;
    readonly endedAt: string | null;
  } | null;
  readonly approvals: readonly {
    readonly point: string;
    readonly decision: string;
    readonly login: string;
    readonly asserted: string;
    readonly comment: string;
    readonly at: string;
  }[];
  /** The decisions that changed something, and the last one. */
  readonly assessments: readonly {
    readonly tick: number;
    readonly at: string;
    readonly stage: number;
    readonly verdict: string;
    readonly reason: string;
  }[];
  /** How many looks at the evidence there were. */
  readonly ticks: number;
  /** The look that decided, whole: inputs, every number compared, and which code compared them. */
  readonly decision: StoredLook | null;
  readonly audit: readonly AuditLine[];
}

/** The rollout whose id begins so; `not_found` unless there is exactly one. */
export async function findRolloutId(db: Database, text: string): Promise<string> {
  const prefix = idPrefix(text);
  const rows =
    prefix === undefined
      ? []
      : await db
          .selectFrom("rollouts")
          .select("id")
          .where((where) => where(where.cast<string>("id", "text"), "like", `${prefix}%`))
          .limit(2)
          .execute();
  return oneByPrefix(rows, text, ROLLOUT).id;
}

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
  return {
    rollout,
    gate: evaluation
      ? {
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
    decision: (await lastLook(db, rolloutId)) ?? null,
    audit: await readAudit(db, { rolloutId, limit: 10_000 }),
  };
}
