import { sql } from "kysely";
import type { Outcome } from "../../domain/rollout/rollout.ts";
import type { Transaction } from "../database.ts";

/** Ends a rollout's row. One that has ended already keeps its outcome; false says so. */
export async function closeRollout(
  transaction: Transaction,
  rolloutId: string,
  outcome: Outcome,
  reason: string,
): Promise<boolean> {
  const closed = await transaction
    .updateTable("rollouts")
    .set({
      outcome,
      reason,
      phase: "done",
      share: 0,
      paused: false,
      waiting_for: null,
      // Not the time at which this transaction began: it may have waited for a pause to be stored.
      ended_at: sql<Date>`clock_timestamp()`,
      updated_at: sql<Date>`now()`,
    })
    .where("id", "=", rolloutId)
    .where("outcome", "is", null)
    .returning("id")
    .executeTakeFirst();
  return closed !== undefined;
}
