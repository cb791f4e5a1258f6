import { type RawBuilder, sql } from "kysely";
import type { CaseResult } from "../../evaluation/grading/case-result.ts";
import type { Database } from "../database.ts";

/** For how long a measurement stands in for a new one: vendors change models under the same name. */
export const REUSED_FOR = "7 days";

/** Runs that are averaged at most. */
const MOST_RUNS = 5;

/** What was measured of a baseline under one key: the newest result, and how often the newest ones passed. */
export interface MeasuredBaseline {
  readonly result: CaseResult;
  readonly runs: { readonly passed: number; readonly of: number };
}

/** What was measured of baselines under these keys, by workers and by `sluice eval`. */
export async function measuredBaselines(
  db: Database,
  keys: readonly string[],
): Promise<Map<string, MeasuredBaseline>> {
  return newestOf(
    db,
    keys,
    sql`
      select reuse_key, result, recorded_at from sluice.baseline_results join wanted using (reuse_key)
      union all
      select reuse_key, result, recorded_at from sluice.evaluation_results join wanted using (reuse_key)
      where arm = 'baseline' and reused_from is null and grade <> 'error'`,
  );
}

/** The same of workers alone, which is what a rollout's gate rests on. */
export async function baselinesMeasuredByWorkers(
  db: Database,
  keys: readonly string[],
): Promise<Map<string, MeasuredBaseline>> {
  return newestOf(
    db,
    keys,
    sql`
      select reuse_key, result, recorded_at from sluice.evaluation_results join wanted using (reuse_key)
      where arm = 'baseline' and reused_from is null and grade <> 'error'`,
  );
}

async function newestOf(
  db: Database,
  keys: readonly string[],
  found: RawBuilder<unknown>,
): Promise<Map<string, MeasuredBaseline>> {
  const { rows } = await sql<{ reuse_key: string; result: CaseResult; passed: number; runs: number }>`
    with wanted as (select distinct reuse_key from unnest(${keys}::text[]) as asked (reuse_key)),
    found as (${found}),
    newest as (
      select *, row_number() over (partition by reuse_key order by recorded_at desc) as nth from found
      where recorded_at > now() - ${REUSED_FOR}::interval
    )
    select reuse_key, (array_agg(result order by nth))[1] as result, count(*)::integer as runs,
      count(*) filter (where (result ->> 'pass')::boolean)::integer as passed
    from newest where nth <= ${MOST_RUNS} group by reuse_key`.execute(db);
  return new Map(
    rows.map(({ reuse_key, result, passed, runs }) => [reuse_key, { result, runs: { passed, of: runs } }]),
  );
}
