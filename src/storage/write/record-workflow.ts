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
 * Keeps whether Temporal knows the workflow of a rollout, or of an evaluation, that is open. Gives for how long it has
 * not, in ms by the database's clock; 0 while it does.
 */
export async function recordSighting(
  db: Database,
  of: { readonly kind: "rollouts" | "evaluations"; readonly id: string; readonly isMissing: boolean },
): Promise<number> {
  const { rows } = await sql<{ readonly ms: number }>`
    update ${sql.table(`sluice.${of.kind}`)}
    set missing_since = case when ${of.isMissing} then coalesce(missing_since, clock_timestamp()) end
    where id = ${of.id} and ended_at is null
    returning coalesce(extract(epoch from clock_timestamp() - missing_since) * 1000, 0)::float8 as ms`.execute(
    db,
  );
  return rows[0]?.ms ?? 0;
}
