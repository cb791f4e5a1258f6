import { sql } from "kysely";
import type { Database } from "../database.ts";
import { leaseFromNow } from "./open-stage.ts";

/**
 * Prolongs the candidate's lease: no revision, audit row or notification. False when the pointer is no
 * longer this rollout's, in another epoch, or its lease has run out: then only a new epoch goes on.
 */
export async function renewLease(
  db: Database,
  lease: { readonly rolloutId: string; readonly epoch: number; readonly leaseMs: number },
): Promise<boolean> {
  const renewed = await db
    .updateTable("pointers")
    .set({ lease_until: leaseFromNow(lease.leaseMs) })
    .where("rollout_id", "=", lease.rolloutId)
    .where("epoch", "=", lease.epoch)
    .where("lease_until", ">", sql<Date>`clock_timestamp()`)
    .returning("revision")
    .executeTakeFirst();
  return renewed !== undefined;
}
