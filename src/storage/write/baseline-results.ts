import { sql } from "kysely";
import type { CaseResult } from "../../evaluation/grading/case-result.ts";
import type { Database } from "../database.ts";
import { REUSED_FOR } from "../read/baseline-results.ts";
import { storableJson } from "../storable-json.ts";

/** Keeps what was measured of a baseline under its key, beside what was measured before. */
export async function saveBaselineResult(db: Database, reuseKey: string, result: CaseResult): Promise<void> {
  await sql`
    insert into sluice.baseline_results (reuse_key, result) values (${reuseKey}, ${storableJson(result)}::jsonb)`.execute(
    db,
  );
}

/** Removes what is too old to be reused. */
export async function forgetOldBaselines(db: Database): Promise<void> {
  await sql`delete from sluice.baseline_results where recorded_at < now() - ${REUSED_FOR}::interval`.execute(
    db,
  );
}
