import { Kysely, PostgresDialect, type Transaction as KyselyTransaction } from "kysely";
import pg from "pg";
import { unavailable } from "../domain/errors.ts";
import type { Tables } from "./tables.ts";

export type Database = Kysely<Tables>;
export type Transaction = KyselyTransaction<Tables>;

// A bigint column holds counts and revisions, all far below 2^53.
const INT8 = 20;
pg.types.setTypeParser(INT8, Number);

export interface DatabaseOptions {
  /** Most connections at once. Default 10. */
  readonly max?: number;
  /** How long to wait for a connection, in ms, before saying that Postgres cannot be reached. Default 5000. */
  readonly connectTimeoutMs?: number;
}

/** Opens a pool. Nothing connects until the first query. */
export function openDatabase(url: string, options: DatabaseOptions = {}): Database {
  const pool = new pg.Pool({
    connectionString: url,
    max: options.max ?? 10,
    connectionTimeoutMillis: options.connectTimeoutMs ?? 5_000,
    application_name: "sluice",
    options: "-c search_path=sluice,public",
  });
  // Without these a connection that Postgres drops while idle or between statements ends the process.
  pool.on("error", () => undefined);
  pool.on("connect", (client) => client.on("error", () => undefined));
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) }).withSchema("sluice");
}

/** Runs with a database and closes it after, whatever happens. */
export async function withDatabase<T>(url: string, work: (db: Database) => Promise<T>): Promise<T> {
  const db = openDatabase(url, { max: 4 });
  try {
    return await work(db);
  } finally {
    await db.destroy();
  }
}

const LOST_CONNECTION = new Set([
  "57P01",
  "57P02",
  "57P03",
  "08000",
  "08001",
  "08003",
  "08004",
  "08006",
  "ECONNRESET",
  "ECONNREFUSED",
  "EPIPE",
  "ETIMEDOUT",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ENOENT",
  "53300",
]);

/** True when an error says that Postgres is away, not that the statement is wrong. */
export function isConnectionError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = (error as { code?: unknown }).code;
  if (typeof code === "string" && LOST_CONNECTION.has(code)) return true;
  if (error instanceof AggregateError) return error.errors.some(isConnectionError);
  return /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error/.test(
    error.message,
  );
}

/** Says where Postgres was looked for, without the password. */
export function databaseUnavailable(url: string, cause: unknown): Error {
  let where = url;
  try {
    const parsed = new URL(url);
    where = `${parsed.hostname}:${parsed.port || 5432}${parsed.pathname}`;
  } catch {
    // An address that is no URL is shown as it is.
  }
  const detail =
    cause instanceof Error ? ((cause as { code?: string }).code ?? cause.message) : String(cause);
  return unavailable(
    `Postgres at ${where} cannot be reached (${detail}); start it, or check DATABASE_URL`,
    { where },
    cause,
  );
}
