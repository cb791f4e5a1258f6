import { Kysely, PostgresDialect, type PostgresPool, type Transaction as KyselyTransaction } from "kysely";
import pg from "pg";
import { unavailable } from "../domain/errors.ts";
import { readPostgresAddress } from "../domain/addresses/postgres-address.ts";
import { type ContentStore, useContents } from "./contents.ts";
import type { Tables } from "./tables.ts";
import { timedPool } from "./timed-pool.ts";

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
  /** How long a query may take, in ms, before it fails with `ETIMEDOUT`. 0: for ever. Default 30,000. */
  readonly queryTimeoutMs?: number;
  /** Where what is too large for a row is kept; absent: everything is in rows. */
  readonly contents?: ContentStore | undefined;
}

const QUERY_TIMEOUT_MS = 30_000;
/** A connection that nothing is sent on is probed after this, so that a dead one is found. */
const KEEP_ALIVE_MS = 10_000;

/** Opens a pool. Nothing connects until the first query. */
export function openDatabase(url: string, options: DatabaseOptions = {}): Database {
  const pool = new pg.Pool({
    connectionString: readPostgresAddress(url).connectionString,
    max: options.max ?? 10,
    connectionTimeoutMillis: options.connectTimeoutMs ?? 5_000,
    application_name: "sluice",
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
  });
  // Without these a connection that Postgres drops while idle or between statements ends the process.
  pool.on("error", () => undefined);
  pool.on("connect", (client) => client.on("error", () => undefined));
  const { queryTimeoutMs = QUERY_TIMEOUT_MS } = options;
  const limited = queryTimeoutMs === 0 ? pool : timedPool(pool, queryTimeoutMs);
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: limited }) }).withSchema("sluice");
  pools.set(db, limited);
  useContents(db, options.contents);
  return db;
}

const pools = new WeakMap<Database, PostgresPool>();

/** The pool behind a database that {@link openDatabase} has opened. */
export function poolOf(db: Database): PostgresPool {
  const pool = pools.get(db);
  if (!pool) throw new TypeError("this database was not opened by openDatabase");
  return pool;
}

/** Runs with a database and closes it after, whatever happens. */
export async function withDatabase<T>(
  url: string,
  work: (db: Database) => Promise<T>,
  options: DatabaseOptions = {},
): Promise<T> {
  const db = openDatabase(url, { max: 4, ...options });
  try {
    return await work(db);
  } finally {
    await db.destroy();
  }
}

/** Says where Postgres was looked for, and why it was not found; nothing of user and password. */
export function databaseUnavailable(url: string, cause: unknown): Error {
  const { where } = readPostgresAddress(url);
  const detail =
    cause instanceof Error ? ((cause as { code?: string }).code ?? cause.message) : String(cause);
  return unavailable(
    `Postgres at ${where} cannot be reached (${detail}); start it, or check DATABASE_URL`,
    { where },
    cause,
  );
}
