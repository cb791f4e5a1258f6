import { sql } from "kysely";
import type { Database } from "../database.ts";
import { EXPIRING, inSlice } from "../expired-rows.ts";
import { transact } from "../transact.ts";

/** So much of a table at a time, in its pages of 8 kB: a statement of a fraction of a second. */
const SLICE_BLOCKS = 256;

export interface Removal {
  readonly table: string;
  /** Rows that have had their time before it. */
  readonly before: Date;
  /** Where to go on, in pages. */
  readonly fromBlock: number;
}

export interface Removed {
  readonly rows: number;
  /** Where to go on; null: the table has been gone through. */
  readonly next: number | null;
}

/** Removes what has had its time from one slice of a table, with a tombstone for what it was about. Safe to repeat. */
export async function removeExpired(db: Database, { table, before, fromBlock }: Removal): Promise<Removed> {
  const found = EXPIRING.find((one) => one.table === table);
  if (!found) throw new TypeError(`nothing is removed from ${table}`);
  const name = sql.table(`sluice.${table}`);
  const subject = found.subject === undefined ? sql`null::uuid` : sql.ref(`x.${found.subject}`);
  return transact(db, async (transaction) => {
    const { rows } = await sql<{ removed: number; isLast: boolean }>`
      with gone as (
        delete from ${name} x where ${inSlice(fromBlock, SLICE_BLOCKS)} and ${found.isExpired(before)}
        returning ${subject} as subject
      ), noted as (
        insert into sluice.tombstones (kind, subject, removed)
        select ${table}, subject, count(*) from gone where subject is not null group by subject order by subject
        on conflict (kind, subject) do update
          set removed = tombstones.removed + excluded.removed, removed_at = excluded.removed_at
      )
      select (select count(*) from gone) as removed,
        ${fromBlock + SLICE_BLOCKS}::bigint * current_setting('block_size')::bigint
          >= pg_relation_size(${`sluice.${table}`}::regclass) as "isLast"`.execute(transaction);
    const { removed, isLast } = rows[0]!;
    return { rows: removed, next: isLast ? null : fromBlock + SLICE_BLOCKS };
  });
}
