import { type Selectable, sql } from "kysely";
import type { CaseResult } from "../../evaluation/grading/case-result.ts";
import type { Database } from "../database.ts";
import type { Tables } from "../tables.ts";

export type EvaluationRow = Selectable<Tables["evaluations"]>;

export async function findEvaluation(db: Database, id: string): Promise<EvaluationRow | undefined> {
  return db.selectFrom("evaluations").selectAll().where("id", "=", id).executeTakeFirst();
}

/** An evaluation without an end, with how the rollout has ended that it is the gate of. */
export interface OpenEvaluation extends Pick<
  EvaluationRow,
  "id" | "rollout_id" | "temporal_namespace_id" | "missing_since"
> {
  /** Null where that goes on, or there is none. */
  readonly outcome: string | null;
}

/** The evaluations that have not ended and began a while ago, the oldest first: of their own, and of rollouts that have. */
export async function findOpenEvaluations(db: Database, olderThanMs: number): Promise<OpenEvaluation[]> {
  return db
    .selectFrom("evaluations as e")
    .leftJoin("rollouts as r", "r.id", "e.rollout_id")
    .select(["e.id", "e.rollout_id", "e.temporal_namespace_id", "e.missing_since", "r.outcome"])
    .where("e.ended_at", "is", null)
    .where((where) => where.or([where("e.rollout_id", "is", null), where("r.outcome", "is not", null)]))
    .where("e.started_at", "<", sql<Date>`clock_timestamp() - ${olderThanMs} * interval '1 millisecond'`)
    .orderBy("e.started_at")
    .execute();
}

/** Which case run a result is of. */
export type RecordedRun = Pick<CaseResult, "arm" | "caseIndex" | "repeat">;

/** The runs with a result among these cases and repeats, bounds included. */
export async function recordedRuns(
  db: Database,
  evaluationId: string,
  range: { readonly cases: readonly [number, number]; readonly repeats: readonly [number, number] },
): Promise<RecordedRun[]> {
  return db
    .selectFrom("evaluation_results")
    .select(["arm", "case_index as caseIndex", "repeat"])
    .where("evaluation_id", "=", evaluationId)
    .where("case_index", ">=", range.cases[0])
    .where("case_index", "<=", range.cases[1])
    .where("repeat", ">=", range.repeats[0])
    .where("repeat", "<=", range.repeats[1])
    .execute();
}

/** Every result of an evaluation. */
export async function recordedResults(db: Database, evaluationId: string): Promise<CaseResult[]> {
  const rows = await db
    .selectFrom("evaluation_results")
    .select("result")
    .where("evaluation_id", "=", evaluationId)
    .execute();
  return rows.map(({ result }) => result);
}

export interface EvaluationCounts {
  /** Case runs with a result, errors included. */
  readonly recorded: number;
  readonly errors: number;
  /** Runs that an endpoint has answered in this evaluation: reused results say nothing of whether it is there. */
  readonly answered: number;
  /** Runs of the candidate that failed. */
  readonly candidateFails: number;
}

export async function countResults(db: Database, evaluationId: string): Promise<EvaluationCounts> {
  return db
    .selectFrom("evaluation_results")
    .select(({ fn, eb }) => [
      fn.countAll<number>().as("recorded"),
      fn.countAll<number>().filterWhere("grade", "=", "error").as("errors"),
      fn
        .countAll<number>()
        .filterWhere(eb.and([eb("grade", "<>", "error"), eb("reused_from", "is", null)]))
        .as("answered"),
      fn
        .countAll<number>()
        .filterWhere(eb.and([eb("arm", "=", "candidate"), eb("grade", "=", "fail")]))
        .as("candidateFails"),
    ])
    .where("evaluation_id", "=", evaluationId)
    .executeTakeFirstOrThrow();
}

/** What an evaluation has spent, in US dollars; undefined without a budget. */
export async function budgetOf(
  db: Database,
  evaluationId: string,
): Promise<{ readonly capUsd: number; readonly spentUsd: number; readonly reservedUsd: number } | undefined> {
  const row = await db
    .selectFrom("evaluation_budgets")
    .selectAll()
    .where("evaluation_id", "=", evaluationId)
    .executeTakeFirst();
  if (!row) return undefined;
  return {
    capUsd: Number(row.cap_usd),
    spentUsd: Number(row.spent_usd),
    reservedUsd: Number(row.reserved_usd),
  };
}

/** How the rollout of an evaluation has ended; null while it has not, or where there is none. */
export async function outcomeOfRolloutOf(db: Database, evaluationId: string): Promise<string | null> {
  const row = await db
    .selectFrom("evaluations")
    .innerJoin("rollouts", "rollouts.id", "evaluations.rollout_id")
    .select("rollouts.outcome")
    .where("evaluations.id", "=", evaluationId)
    .executeTakeFirst();
  return row?.outcome ?? null;
}
