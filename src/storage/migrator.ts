import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { sql } from "kysely";
import { digestText } from "../digest.ts";
import { SluiceError } from "../domain/errors.ts";
import type { Database } from "./database.ts";
import { renewRoles } from "./role-grants.ts";

/** This file is in src/storage of a checkout, in dist/src/storage of a release, or a part of a file in dist/library. */
const MIGRATIONS = ["../../migrations/", "../migrations/"]
  .map((folder) => new URL(folder, import.meta.url))
  .find((folder) => existsSync(folder))!;
const FILE = /^(\d{4})-([a-z0-9-]+)\.sql$/;
const FUNCTIONS = new URL("functions/", MIGRATIONS);
const FUNCTION_FILE = /^([a-z0-9_]+)\.sql$/;
/** The first migration of what came before the first release. */
const BEFORE_RELEASES = "initial";
// Any number that is ours: one migration of a database at a time.
const LOCK = 5_158_210_473;

export interface Migration {
  readonly id: number;
  readonly name: string;
  readonly text: string;
  readonly sha256: string;
}

/** The present text of one database function. It replaces the one in the database whenever it has changed. */
export interface FunctionSource {
  readonly name: string;
  readonly text: string;
  readonly sha256: string;
}

export interface MigrationReport {
  readonly applied: readonly string[];
  /** The functions whose text was new or had changed. */
  readonly functions: readonly string[];
  /** The roles whose grants were said again, of those that were made here. */
  readonly roles: readonly string[];
  readonly current: number;
}

/** The migrations that this Sluice knows, in order. */
export async function knownMigrations(): Promise<Migration[]> {
  const names = (await readdir(MIGRATIONS)).filter((name) => FILE.test(name)).toSorted();
  return Promise.all(
    names.map(async (file) => {
      const [, id, name] = FILE.exec(file)!;
      const text = await readFile(new URL(file, MIGRATIONS), "utf8");
      return { id: Number(id), name: name!, text, sha256: digestText(text) };
    }),
  );
}

/** The database functions of this Sluice, by name. */
export async function knownFunctions(): Promise<FunctionSource[]> {
  const names = (await readdir(FUNCTIONS)).filter((name) => FUNCTION_FILE.test(name)).toSorted();
  return Promise.all(
    names.map(async (file) => {
      const text = await readFile(new URL(file, FUNCTIONS), "utf8");
      return { name: FUNCTION_FILE.exec(file)![1]!, text, sha256: digestText(text) };
    }),
  );
}

/**
 * Brings the schema up to date, each migration in a transaction of its own, then the functions that have
 * changed in one transaction, then the grants of roles that were made here; one process at a time.
 * A database that a newer Sluice has migrated, or whose applied migrations differ, is refused (`conflict`).
 */
export async function migrate(db: Database): Promise<MigrationReport> {
  const known = await knownMigrations();
  return db.connection().execute(async (connection) => {
    // Whatever limit the login has: a big table takes its time.
    await sql`set statement_timeout = 0`.execute(connection);
    await sql`select pg_advisory_lock(${LOCK})`.execute(connection);
    try {
      await sql`create schema if not exists sluice`.execute(connection);
      await sql`create table if not exists sluice.migrations (
        id integer primary key, name text not null, sha256 text not null, applied_at timestamptz not null default now()
      )`.execute(connection);
      const done = await appliedMigrations(connection);
      refuseForeign(known, done);
      const applied: string[] = [];
      for (const migration of known.slice(done.length)) {
        await connection.transaction().execute(async (transaction) => {
          await sql.raw(migration.text).execute(transaction);
          await sql`insert into sluice.migrations (id, name, sha256)
            values (${migration.id}, ${migration.name}, ${migration.sha256})`.execute(transaction);
        });
        applied.push(migration.name);
      }
      const functions = await replaceFunctions(connection);
      await sql`create table if not exists sluice.roles (
        name text primary key, kind text not null, sha256 text not null, applied_at timestamptz not null default now()
      )`.execute(connection);
      const roles = await renewRoles(connection, applied.length + functions.length > 0);
      return { applied, functions, roles, current: known.at(-1)?.id ?? 0 };
    } finally {
      await sql`select pg_advisory_unlock(${LOCK})`.execute(connection);
    }
  });
}

/** All functions of this Sluice in one transaction, so that no process meets half of them. */
async function replaceFunctions(db: Database): Promise<string[]> {
  const changed = await changedFunctions(db);
  await db.transaction().execute(async (transaction) => {
    await sql`create table if not exists sluice.functions (
      name text primary key, sha256 text not null, applied_at timestamptz not null default now()
    )`.execute(transaction);
    // They call each other, and are made in the order of their names.
    await sql`set local check_function_bodies = off`.execute(transaction);
    for (const { name, text, sha256: hash } of changed) {
      await sql.raw(text).execute(transaction);
      await sql`insert into sluice.functions (name, sha256) values (${name}, ${hash})
        on conflict (name) do update set sha256 = excluded.sha256, applied_at = now()`.execute(transaction);
    }
  });
  return changed.map(({ name }) => name);
}

async function changedFunctions(db: Database): Promise<FunctionSource[]> {
  const { rows: found } = await sql<{ present: boolean }>`
    select to_regclass('sluice.functions') is not null as present`.execute(db);
  const { rows } = found[0]?.present
    ? await sql<{ name: string; sha256: string }>`select name, sha256 from sluice.functions`.execute(db)
    : { rows: [] };
  const applied = new Map(rows.map((row) => [row.name, row.sha256]));
  return (await knownFunctions()).filter(({ name, sha256: hash }) => applied.get(name) !== hash);
}

interface Applied {
  readonly id: number;
  readonly name: string;
  readonly sha256: string;
}

async function appliedMigrations(db: Database): Promise<Applied[]> {
  const { rows } = await sql<Applied>`select id, name, sha256 from sluice.migrations order by id`.execute(db);
  return rows;
}

function refuseForeign(known: readonly Migration[], done: readonly Applied[]): void {
  if (done[0]?.name === BEFORE_RELEASES)
    throw new SluiceError(
      "conflict",
      "the database was made by a Sluice of before the first release, whose tables are others; start with an empty one (the prompt files make its versions again: sluice push)",
      { database: done.at(-1)!.id, known: known.length },
    );
  for (const [index, row] of done.entries()) {
    const mine = known[index];
    if (!mine)
      throw new SluiceError(
        "conflict",
        `the database is at migration ${row.id} (${row.name}), this Sluice knows ${known.length}: use the newer Sluice`,
        { database: row.id, known: known.length },
      );
    if (mine.id !== row.id || mine.sha256 !== row.sha256)
      throw new SluiceError(
        "conflict",
        `migration ${row.id} (${row.name}) in the database differs from this Sluice's ${mine.name}: they are not of one release`,
        { database: row, known: { id: mine.id, sha256: mine.sha256 } },
      );
  }
}

/** Refuses to work on a schema that is older or newer than this code (`conflict`), before anything is done. */
export async function assertMigrated(db: Database): Promise<void> {
  const known = await knownMigrations();
  const { rows } = await sql<{ present: boolean }>`
    select to_regclass('sluice.migrations') is not null as present`.execute(db);
  const done = rows[0]?.present ? await appliedMigrations(db) : [];
  refuseForeign(known, done);
  if (done.length < known.length)
    throw new SluiceError(
      "conflict",
      `the database is not migrated (${done.length} of ${known.length}); run: sluice migrate`,
      { database: done.length, known: known.length },
    );
  const changed = (await changedFunctions(db)).map(({ name }) => name);
  if (changed.length > 0)
    throw new SluiceError(
      "conflict",
      `the database's functions are not those of this Sluice (${changed.join(", ")}); run: sluice migrate, with the newer Sluice of the two`,
      { functions: changed },
    );
}
