import { sql } from "kysely";
import type { Phase } from "../../domain/rollout.ts";
import type { Database } from "../database.ts";

/** Shows where an open rollout is. One that has ended keeps its phase; false says so. */
export async function setPhase(
  db: Database,
  change: { readonly rolloutId: string; readonly phase?: Phase; readonly paused?: boolean },
): Promise<boolean> {
  const changed = await db
    .updateTable("rollouts")
    .set({
      ...(change.phase !== undefined && { phase: change.phase }),
      ...(change.paused !== undefined && { paused: change.paused }),
      updated_at: sql<Date>`now()`,
    })
    .where("id", "=", change.rolloutId)
    .where("outcome", "is", null)
    .returning("id")
    .executeTakeFirst();
  return changed !== undefined;
}
