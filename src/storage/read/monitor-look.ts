import { sql } from "kysely";
import type { Database } from "../database.ts";

/** When a worker last looked at all monitors; undefined: never. */
export async function monitorsLookedAt(db: Database): Promise<Date | undefined> {
  const { rows } = await sql<{ at: Date }>`
    select looked_at as at from sluice.monitor_looks where looked_at > '-infinity'`.execute(db);
  return rows[0]?.at;
}
