import { sql } from "kysely";
import type { Phase, WaitingFor } from "../../domain/rollout/rollout.ts";
import type { Database } from "../database.ts";

export interface PhaseChange {
  readonly rolloutId: string;
  readonly phase: Phase;
  /** Whose decision it waits for from now on; nobody's when absent. */
  readonly waitingFor?: WaitingFor;
}

/** Shows where an open rollout is. One that has ended keeps its phase; false says so. */
export async function setPhase(db: Database, change: PhaseChange): Promise<boolean> {
  const changed = await db
    .updateTable("rollouts")
    .set({
      phase: change.phase,
      waiting_for: change.waitingFor ?? null,
      updated_at: sql<Date>`now()`,
    })
    .where("id", "=", change.rolloutId)
    .where("outcome", "is", null)
    .returning("id")
    .executeTakeFirst();
  return changed !== undefined;
}
