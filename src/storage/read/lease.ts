import { sql } from "kysely";
import type { Database } from "../database.ts";

/** Whether a rollout's candidate is shown to nobody any more because no worker has renewed its lease. */
export async function leaseIsOver(db: Database, rolloutId: string): Promise<boolean> {
  const { rows } = await sql<{ over: boolean }>`
    select true as over from sluice.pointers
    where rollout_id = ${rolloutId} and candidate_version is not null and lease_until < clock_timestamp()`.execute(
    db,
  );
  return rows.length > 0;
}
