import { sql } from "kysely";
import type { Database } from "../database.ts";

/** A place that failed is tried again after so long, in ms. */
const RETRY_MS = 5_000;

export interface BundleClaim {
  readonly claim: string;
  /** The hash of what was written there last. */
  readonly before: string | null;
  /** Why the last attempt failed. */
  readonly problemBefore: string | null;
}

/** For the one process whose turn it is to write, where there is something to write; undefined for the others. */
export async function claimBundle(
  db: Database,
  wanted: { readonly place: string; readonly md5: string; readonly forMs: number; readonly againMs: number },
): Promise<BundleClaim | undefined> {
  const { place, md5, forMs, againMs } = wanted;
  await sql`insert into sluice.bundle_targets (place) values (${place}) on conflict do nothing`.execute(db);
  const { rows } = await sql<BundleClaim>`
    update sluice.bundle_targets
    set claim = gen_random_uuid(), claimed_until = clock_timestamp() + ${forMs} * interval '1 millisecond'
    where place = ${place} and claimed_until < clock_timestamp()
      and (pointers_md5 is distinct from ${md5} or written_at < clock_timestamp() - ${againMs} * interval '1 millisecond')
    returning claim, sha256 as before, problem as "problemBefore"`.execute(db);
  return rows[0];
}

/** Keeps what was written. Whose claim was lost meanwhile may have written over something newer: it is written again. */
export async function recordBundle(
  db: Database,
  done: { readonly place: string; readonly claim: string; readonly md5: string; readonly sha256: string },
): Promise<void> {
  const { place, claim, md5, sha256 } = done;
  const { numUpdatedRows } = await db
    .updateTable("bundle_targets")
    .set({
      pointers_md5: md5,
      sha256,
      written_at: sql<Date>`clock_timestamp()`,
      claimed_until: sql<Date>`'-infinity'`,
      claim: null,
      problem: null,
      failing_since: null,
    })
    .where("place", "=", place)
    .where("claim", "=", claim)
    .executeTakeFirst();
  if (numUpdatedRows === 0n)
    await db.updateTable("bundle_targets").set({ pointers_md5: null }).where("place", "=", place).execute();
}

/** Keeps why it could not be written; it is tried again in a moment. */
export async function recordBundleProblem(
  db: Database,
  failed: { readonly place: string; readonly claim: string; readonly problem: string },
): Promise<void> {
  const { place, claim, problem } = failed;
  await db
    .updateTable("bundle_targets")
    .set({
      // It may have been written all the same, and its answer lost.
      pointers_md5: null,
      claimed_until: sql<Date>`clock_timestamp() + ${RETRY_MS} * interval '1 millisecond'`,
      claim: null,
      problem,
      failing_since: sql<Date>`coalesce(failing_since, clock_timestamp())`,
    })
    .where("place", "=", place)
    .where("claim", "=", claim)
    .execute();
}
