import { sql } from "kysely";
import type { Database } from "../database.ts";

/**
 * Which database this is: an id that was made with it, and its number in its server, so that a copy of it is
 * another one.
 */
export async function installationId(db: Database): Promise<string> {
  const { rows } = await sql<{ id: string }>`
    select id || '-' || oid as id from sluice.installation, pg_database where datname = current_database()`.execute(
    db,
  );
  return rows[0]!.id;
}

/** The id that was made with this database: that of a copy, or of what a backup is restored into, is the same. */
export async function installationOrigin(db: Database): Promise<string> {
  const { rows } = await sql<{ id: string }>`select id from sluice.installation`.execute(db);
  return rows[0]!.id;
}
