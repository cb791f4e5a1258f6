import type { Database } from "../database.ts";

/** What a rollout's gate has come to. */
export interface GateState {
  /** Null while it runs. */
  readonly verdict: "pass" | "fail" | "insufficient" | null;
  readonly reason: string | null;
  /** Calls that have a result so far, of both versions. */
  readonly results: number;
}

/** The gate of a rollout, or undefined while it has not begun (or there is none). */
export async function gateOfRollout(db: Database, rolloutId: string): Promise<GateState | undefined> {
  return db
    .selectFrom("evaluations")
    .leftJoin("evaluation_results", "evaluation_results.evaluation_id", "evaluations.id")
    .select(["verdict", "reason"])
    .select((select) => select.fn.count<number>("evaluation_results.arm").as("results"))
    .where("rollout_id", "=", rolloutId)
    .groupBy("evaluations.id")
    .executeTakeFirst();
}
