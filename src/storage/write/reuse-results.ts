import { sql } from "kysely";
import type { Database } from "../database.ts";
import { REUSED_FOR } from "../read/baseline-results.ts";

export interface ReusableRun {
  readonly caseIndex: number;
  readonly repeat: number;
  readonly reuseKey: string;
}

/**
 * Reuses what earlier evaluations measured of the baseline under the same keys, at no cost, where it was measured
 * often enough: the newest result of each, first hand. Runs that have a result already keep it.
 */
export async function reuseBaselineResults(
  db: Database,
  evaluationId: string,
  runs: readonly ReusableRun[],
  /** How often each has to have been measured. */
  enough: number,
): Promise<void> {
  if (runs.length === 0) return;
  await sql`
    insert into sluice.evaluation_results
      (evaluation_id, arm, case_index, repeat, result, recorded_at, reuse_key, reused_from)
    select ${evaluationId}, 'baseline', wanted.case_index, wanted.repeat,
      found.result || jsonb_build_object('caseIndex', wanted.case_index, 'repeat', wanted.repeat,
        'costUsd', 0, 'reused', true),
      found.recorded_at, wanted.reuse_key, found.evaluation_id
    from unnest(${runs.map((run) => run.caseIndex)}::integer[], ${runs.map((run) => run.repeat)}::integer[],
      ${runs.map((run) => run.reuseKey)}::text[]) as wanted (case_index, repeat, reuse_key)
    cross join lateral (
      select earlier.result, earlier.recorded_at, earlier.evaluation_id, count(*) over () as runs
      from sluice.evaluation_results earlier
      where earlier.reuse_key = wanted.reuse_key and earlier.arm = 'baseline' and earlier.reused_from is null
        and earlier.grade <> 'error' and earlier.evaluation_id <> ${evaluationId}
        and earlier.recorded_at > now() - ${REUSED_FOR}::interval
      order by earlier.recorded_at desc limit 1
    ) found
    where found.runs >= ${enough}
    on conflict do nothing`.execute(db);
}
