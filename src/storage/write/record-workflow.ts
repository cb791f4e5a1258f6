import { sql } from "kysely";
import type { Database } from "../database.ts";

/** Keeps which run a rollout's workflow has, the newest one counting: an operator may reset it. */
export async function recordRun(
  db: Database,
  of: { readonly rolloutId: string; readonly runId: string },
): Promise<void> {
  await db
    .updateTable("rollouts")
    .set({ run_id: of.runId, missing_since: null })
    .where("id", "=", of.rolloutId)
    .where("outcome", "is", null)
    .execute();
}

/**
 * Keeps whether Temporal knows a rollout's workflow. Gives for how long it has not, in ms by the database's
 * clock; 0 while it does.
 */
export async function recordSighting(
  db: Database,
  of: { readonly rolloutId: string; readonly isMissing: boolean },
): Promise<number> {
  const row = await db
    .updateTable("rollouts")
    .set({ missing_since: of.isMissing ? sql<Date>`coalesce(missing_since, clock_timestamp())` : null })
    .where("id", "=", of.rolloutId)
    .where("outcome", "is", null)
    .returning(
      sql<number>`coalesce(extract(epoch from clock_timestamp() - missing_since) * 1000, 0)::float8`.as("ms"),
    )
    .executeTakeFirst();
  return row?.ms ?? 0;
}
