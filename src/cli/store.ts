import { requireDatabaseUrl } from "../config.ts";
import { conflict, SluiceError, unavailable } from "../domain/errors.ts";
import {
  databaseUnavailable,
  withDatabase,
  type Database,
  type DatabaseOptions,
} from "../storage/database.ts";
import { assertMigrated } from "../storage/migrator.ts";
import { isConnectionError, isStoreTrouble } from "../storage/store-failure.ts";
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

const NOT_MIGRATED = new Set(["42P01", "42703", "42883", "3F000"]);
const REFUSED_LOGIN = new Set(["28000", "28P01"]);

/** What Postgres says, in words that help; anything else as it is. */
export function storeError(url: string, error: unknown): unknown {
  if (error instanceof SluiceError) return error;
  if (isConnectionError(error)) return databaseUnavailable(url, error);
  const code = (error as { code?: unknown } | null)?.code;
  if (typeof code !== "string") return error;
  const { message } = error as Error;
  if (NOT_MIGRATED.has(code))
    return conflict("the database is not migrated, or not to this Sluice's version; run: sluice migrate", {
      code,
    });
  if (REFUSED_LOGIN.has(code))
    return unavailable(`Postgres refuses the login (${message}); check DATABASE_URL`, { code }, error);
  if (code === "3D000") return unavailable(`${message}; create it, or check DATABASE_URL`, { code }, error);
  if (code === "42501")
    return new SluiceError("forbidden", `Postgres refuses: ${message}; ask whoever owns the schema`, {
      code,
    });
  if (isStoreTrouble(error))
    return unavailable(`Postgres cannot do this now: ${message}; try again`, { code }, error);
  return error;
}
