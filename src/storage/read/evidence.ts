import type { Database } from "../database.ts";

/** Whether a version has passed the gate of a rollout against what is served now; null: against nothing. */
export async function hasEvidence(
  db: Database,
  candidate: string,
  baseline: string | null,
): Promise<boolean> {
  const passed = await db
    .selectFrom("evaluations")
    .select("id")
    .where("candidate_version", "=", candidate)
    .where("baseline_version", baseline === null ? "is" : "=", baseline)
    .where("verdict", "=", "pass")
    // What somebody evaluated by hand had whatever cases and limits were typed.
    .where("rollout_id", "is not", null)
    .limit(1)
    .executeTakeFirst();
  return passed !== undefined;
}
