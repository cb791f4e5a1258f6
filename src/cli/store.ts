import { requireDatabaseUrl } from "../config.ts";
import { withDatabase, type Database, type DatabaseOptions } from "../storage/database.ts";
import { assertMigrated } from "../storage/migrator.ts";
import { storeError } from "../storage/store-error.ts";
import type { CommandContext } from "./context.ts";

/** Runs with the database. What goes wrong with it comes out as one clear line. */
export async function reading<T>(
  context: CommandContext,
  work: (db: Database) => Promise<T>,
  options?: DatabaseOptions,
): Promise<T> {
  const url = requireDatabaseUrl(context.config);
  try {
    return await withDatabase(url, work, options);
  } catch (error) {
    throw storeError(url, error);
  }
}

/** The same for a command that writes: it starts only on a schema that is exactly this Sluice's. */
export async function writing<T>(context: CommandContext, work: (db: Database) => Promise<T>): Promise<T> {
  return reading(context, async (db) => {
    await assertMigrated(db);
    return work(db);
  });
}
