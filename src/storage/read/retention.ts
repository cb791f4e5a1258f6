import { sql } from "kysely";
import type { RetentionPeriods } from "../../domain/retention.ts";
import type { RetentionReport, RetentionRun, Tombstone } from "../../domain/shapes/retention.ts";
import type { Database } from "../database.ts";
import { EXPIRING, timeIsOverBefore } from "../expired-rows.ts";

/** The last run that has begun; null: never. */
export async function lastRetentionRun(db: Database): Promise<RetentionRun | null> {
  const row = await db
    .selectFrom("retention_runs")
    .selectAll()
    .orderBy("started_at", "desc")
    .limit(1)
    .executeTakeFirst();
  if (!row) return null;
  return {
    startedAt: row.started_at.toISOString(),
    endedAt: row.ended_at?.toISOString() ?? null,
    periods: row.periods,
    removed: row.removed,
    problems: row.problems,
  };
}

/** What each table takes with its indexes, in bytes, and how many of its rows have had their time, where it is asked for. */
export async function measureExpired(
  db: Database,
  periods: RetentionPeriods,
  isCounting: boolean,
): Promise<RetentionReport["tables"]> {
  const { rows: clock } = await sql<{ now: Date }>`select clock_timestamp() as now`.execute(db);
  const found: RetentionReport["tables"][number][] = [];
  for (const { kind, table, isExpired } of EXPIRING) {
    const name = `sluice.${table}`;
    const days = periods[kind];
    const { rows: sizes } = await sql<{ bytes: number }>`
      select pg_total_relation_size(${name}::regclass) as bytes`.execute(db);
    const counts =
      !isCounting || days === null
        ? null
        : await sql<{ n: number }>`select count(*) as n from ${sql.table(name)} x where ${isExpired(
            timeIsOverBefore(clock[0]!.now, days),
          )}`.execute(db);
    found.push({
      kind,
      table,
      bytes: sizes[0]!.bytes,
      expired: counts ? counts.rows[0]!.n : isCounting ? 0 : null,
    });
  }
  return found;
}

/** What was removed of something; null: nothing. */
export async function findTombstone(db: Database, kind: string, subject: string): Promise<Tombstone | null> {
  const row = await db
    .selectFrom("tombstones")
    .select(["removed", "removed_at"])
    .where("kind", "=", kind)
    .where("subject", "=", subject)
    .executeTakeFirst();
  return row ? { rows: row.removed, removedAt: row.removed_at.toISOString() } : null;
}
