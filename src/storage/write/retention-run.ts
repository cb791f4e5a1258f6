import { sql } from "kysely";
import { RETENTION_KINDS, type RetentionPeriods } from "../../domain/retention.ts";
import type { RetentionResult, RetentionStep } from "../../domain/shapes/retention.ts";
import { contentsOf } from "../contents.ts";
import type { Database } from "../database.ts";
import { EXPIRING, timeIsOverBefore } from "../expired-rows.ts";
import { transact } from "../transact.ts";

/** What is kept outside of the database, where there is such a place. */
export const CONTENTS = "contents";
/** A content that nobody refers to for so long was left by a transaction that failed. */
const UPLOAD_DAYS = 1;

/**
 * Begins a run, once per id, and says what there is to go through, by the periods that it began with. From then on
 * outcomes are not taken whose id is older than what is removed.
 */
export function beginRetention(
  db: Database,
  id: string,
  periods: RetentionPeriods,
): Promise<readonly RetentionStep[]> {
  return transact(db, async (transaction) => {
    const { rows } = await sql<{ started_at: Date; periods: RetentionPeriods }>`
      insert into sluice.retention_runs as run (id, periods) values (${id}, ${JSON.stringify(periods)}::jsonb)
      on conflict (id) do update set periods = run.periods
      returning started_at, periods`.execute(transaction);
    const run = rows[0]!;
    const since = (days: number) => timeIsOverBefore(run.started_at, days);
    const { outcomes } = run.periods;
    if (outcomes !== null)
      await sql`
        update sluice.retention_horizon set oldest_outcome = greatest(oldest_outcome, ${leastId(since(outcomes))}::uuid)
        `.execute(transaction);
    const steps = RETENTION_KINDS.flatMap((kind) => {
      const days = run.periods[kind];
      if (days === null) return [];
      const before = since(days).toISOString();
      return EXPIRING.filter((one) => one.kind === kind).map(({ table }) => ({ table, before }));
    });
    return contentsOf(db) ? [...steps, { table: CONTENTS, before: since(UPLOAD_DAYS).toISOString() }] : steps;
  });
}

/** The least UUIDv7 of a moment. */
function leastId(at: Date): string {
  const digits = at.getTime().toString(16).padStart(12, "0");
  return `${digits.slice(0, 8)}-${digits.slice(8)}-7000-8000-000000000000`;
}

/** Keeps what came of a run; reports of runs are kept for as long as is useful to anybody. */
export async function endRetention(db: Database, id: string, result: RetentionResult): Promise<void> {
  await transact(db, async (transaction) => {
    await transaction
      .updateTable("retention_runs")
      .set({
        ended_at: sql<Date>`coalesce(ended_at, clock_timestamp())`,
        removed: JSON.stringify(result.removed),
        problems: JSON.stringify(result.problems),
      })
      .where("id", "=", id)
      .execute();
    await sql`delete from sluice.retention_runs where started_at < clock_timestamp() - interval '400 days'`.execute(
      transaction,
    );
  });
}
