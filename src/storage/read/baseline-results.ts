import { sql } from "kysely";
import type { CaseResult } from "../../evaluation/case-result.ts";
import type { Database } from "../database.ts";

/** For how long a measurement stands in for a new one: vendors change models under the same name. */
export const REUSED_FOR = "7 days";

/** What was measured of baselines under these keys, by workers and by `sluice eval`: the newest of each. */
export async function measuredBaselines(
  db: Database,
  keys: readonly string[],
): Promise<Map<string, CaseResult>> {
  const { rows } = await sql<{ reuse_key: string; result: CaseResult }>`
    with wanted as (select distinct reuse_key from unnest(${keys}::text[]) as asked (reuse_key)),
    found as (
      select reuse_key, result, recorded_at from sluice.baseline_results join wanted using (reuse_key)
      union all
      select reuse_key, result, recorded_at from sluice.evaluation_results join wanted using (reuse_key)
      where arm = 'baseline' and reused_from is null and grade <> 'error'
    )
    select distinct on (reuse_key) reuse_key, result from found
    where recorded_at > now() - ${REUSED_FOR}::interval
    order by reuse_key, recorded_at desc`.execute(db);
  return new Map(rows.map(({ reuse_key, result }) => [reuse_key, result]));
}
