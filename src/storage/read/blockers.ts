import { sql } from "kysely";
import type { Database, Transaction } from "../database.ts";

/** A connection that holds what another one waits for, and waits for nobody itself. */
export interface Blocker {
  /** 0: no connection, but a prepared transaction (see pg_prepared_xacts). */
  readonly pid: number;
  readonly application: string;
  readonly user: string;
  /** For how long its transaction has been open, in ms; null where this login may not see it. */
  readonly openMs: number | null;
  /** What tells it from a later connection with the same number. */
  readonly startedAt: Date | null;
}

/** The number of a transaction's connection. */
export async function backendPid(transaction: Transaction): Promise<number> {
  const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(transaction);
  return rows[0]!.pid;
}

/** Who keeps the connection `pid` waiting; empty while nobody does. */
export async function findBlockers(db: Database, pid: number): Promise<Blocker[]> {
  const { rows } = await sql<Blocker>`
    with recursive chain (pid) as (
      select unnest(pg_blocking_pids(${pid}))
      union
      select next.pid from chain, unnest(pg_blocking_pids(chain.pid)) as next (pid) where chain.pid <> 0
    )
    select c.pid, coalesce(a.application_name, '') as application, coalesce(a.usename, '') as "user",
      a.backend_start as "startedAt",
      (extract(epoch from clock_timestamp() - a.xact_start) * 1000)::float8 as "openMs"
    from chain c left join pg_stat_activity a using (pid)
    where c.pid = 0 or cardinality(pg_blocking_pids(c.pid)) = 0
    order by a.xact_start`.execute(db);
  return rows;
}

/** Ends a connection, and with it its transaction. False: there is no such one any more. */
export async function endConnection(db: Database, { pid, startedAt }: Blocker): Promise<boolean> {
  const { rows } = await sql<{ ended: boolean }>`
    select pg_terminate_backend(pid) as ended from pg_stat_activity
    where pid = ${pid} and (${startedAt}::timestamptz is null or abs(extract(epoch from backend_start - ${startedAt})) < 0.01)`.execute(
    db,
  );
  return rows[0]?.ended ?? false;
}
