import { sql } from "kysely";
import type { ScopeColumns } from "../../domain/scope.ts";
import type { AnswerDelay } from "../../domain/shapes/planning.ts";
import type { Database } from "../database.ts";

const DAYS = 30;
/** So many units are enough, and a busy scope has millions. */
const MOST = 20_000;

/**
 * Of the values that this scope's enrolled units reported in the last 30 days: how many came later after the
 * exposure than each metric's window. The time is from the exposure's arrival to the outcome's.
 */
export async function answerDelays(
  db: Database,
  scope: ScopeColumns,
  windows: Readonly<Record<string, number>>,
): Promise<AnswerDelay[]> {
  const { rows } = await sql<AnswerDelay>`
    with units as materialized (
      select e.id, e.exposed_at from sluice.rollouts r join sluice.exposures e on e.rollout_id = r.id
      where r.label = ${scope.label} and r.prompt = ${scope.prompt} and r.model = ${scope.model}
        and r.tenant = ${scope.tenant} and r.started_at > now() - ${DAYS} * interval '1 day'
      limit ${MOST}
    ), recent as materialized (
      select o.metrics, extract(epoch from o.received_at - u.exposed_at) * 1000 as delay_ms
      from units u join sluice.outcomes o on o.exposure = u.id
    )
    select w.metric, count(*)::integer as values,
           count(*) filter (where recent.delay_ms > w.window_ms)::integer as late
    from jsonb_each_text(${JSON.stringify(windows)}::jsonb) as given(metric, text)
    cross join lateral (select given.metric, given.text::double precision as window_ms) w
    join recent on recent.metrics ? w.metric
    group by w.metric order by w.metric`.execute(db);
  return rows;
}
