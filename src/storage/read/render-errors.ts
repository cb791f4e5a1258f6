import { sql } from "kysely";
import type { Database } from "../database.ts";

/** How often a version could not be rendered by the services that were served it, since a moment. */
export async function renderErrors(db: Database, versionId: string, since: Date): Promise<number> {
  const { n } = await db
    .selectFrom("usage")
    .select((select) => select.fn.sum<string | null>("n").as("n"))
    .where("version_id", "=", versionId)
    .where("metric", "=", "render_error")
    .where("hour", ">=", sql<Date>`date_trunc('hour', ${since}::timestamptz)`)
    .executeTakeFirstOrThrow();
  return Number(n ?? 0);
}
