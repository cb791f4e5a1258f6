import { sql } from "kysely";
import type { Database } from "../../src/storage/database.ts";

/** As if every unit of a rollout so far had been exposed so long ago that its windows are closed. */
export async function closeWindows(db: Database, rolloutId: string): Promise<void> {
  await sql`update sluice.exposures set exposed_at = exposed_at - interval '1 year' where rollout_id = ${rolloutId}`.execute(
    db,
  );
  await sql`update sluice.open_units set closes_at = now() - interval '1 s' where rollout_id = ${rolloutId}`.execute(
    db,
  );
}
