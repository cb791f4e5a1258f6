import { sql } from "kysely";
import type { Finding } from "../../domain/finding.ts";
import type { RolloutGate } from "../../domain/rollout/rollout.ts";
import type { Database } from "../database.ts";

/** The gate of a rollout, or undefined while it has not begun (or there is none). */
export async function gateOfRollout(db: Database, rolloutId: string): Promise<RolloutGate | undefined> {
  const row = await db
    .selectFrom("evaluations")
    .leftJoin("evaluation_results", "evaluation_results.evaluation_id", "evaluations.id")
    .select(["verdict", "reason"])
    .select((select) => [
      sql<RolloutGate["looks"]>`report->>'looks'`.as("looks"),
      sql<readonly Finding[] | null>`report->'findings'`.as("findings"),
      select.fn.count<number>("evaluation_results.arm").as("results"),
    ])
    .where("rollout_id", "=", rolloutId)
    .groupBy(["evaluations.id", "verdict", "reason", "report"])
    .executeTakeFirst();
  return row && { ...row, findings: row.findings ?? [] };
}
