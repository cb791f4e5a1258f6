import { sql } from "kysely";
import type { StoreGauges } from "../../domain/shapes/store-gauges.ts";
import type { Database } from "../database.ts";
import { stateOfStore } from "./state-of-store.ts";

type Asked = Omit<StoreGauges, "canaries" | "unattended" | "services">;

export async function storeGauges(db: Database): Promise<StoreGauges> {
  const [{ canaries, unattended, services }, { rows }] = await Promise.all([
    stateOfStore(db, {}),
    sql<Asked>`
      select
        coalesce((select jsonb_agg(jsonb_build_object('phase', phase, 'n', n)) from (
          select phase, count(*) as n from sluice.rollouts where outcome is null group by phase) r), '[]') as rollouts,
        coalesce((select jsonb_agg(jsonb_build_object('operation', operation, 'n', n)) from (
          select operation, count(*) as n from sluice.dead_letters where status = 'open' group by operation) d), '[]')
          as "deadLetters",
        coalesce((select jsonb_agg(jsonb_build_object('kind', kind, 'environment', environment, 'n', n)) from (
          select kind, environment, count(*) as n from sluice.drift group by kind, environment) g), '[]') as drift,
        coalesce((select jsonb_agg(jsonb_build_object('monitor', name, 'n', n)) from (
          select m.name, count(*) as n from sluice.alerts a join sluice.monitors m on m.id = a.monitor_id
          where a.resolved_at is null group by m.name) l), '[]') as alerts,
        (select extract(epoch from clock_timestamp() - looked_at)::float8 from sluice.monitor_looks
          where looked_at > '-infinity') as "monitorsLookedSeconds",
        (select extract(epoch from min(lease_until) - clock_timestamp())::float8 from sluice.pointers
          where mode = 'canary') as "shortestLeaseSeconds",
        (select too_old::float8 from sluice.retention_horizon) as "tooOldOutcomes",
        coalesce((select jsonb_agg(jsonb_build_object('phase', phase, 'seconds', seconds)) from (
          select phase, extract(epoch from clock_timestamp() - min(updated_at))::float8 as seconds
          from sluice.rollouts where outcome is null and not paused group by phase) u), '[]') as unchanged,
        coalesce((select jsonb_agg(jsonb_build_object('kind', kind, 'n', n)) from (
          select kind, sum(n) as n from sluice.rollout_intake i join sluice.rollouts r on r.id = i.rollout_id
          where r.outcome is null group by kind) i), '[]') as intake,
        (select coalesce(greatest(0, max(extract(epoch from clock_timestamp() - u.closes_at))), 0)::float8
          from sluice.rollouts r cross join lateral (
            select min(closes_at) as closes_at from sluice.open_units where rollout_id = r.id) u
          where r.outcome is null and r.phase in ('canary', 'watching')) as "foldLagSeconds",
        (select count(*) from sluice.notifications where attempts > 1)::int as "notificationsRetried",
        extract(epoch from clock_timestamp() - coalesce((select max(ended_at) from sluice.retention_runs),
          (select min(applied_at) from sluice.migrations)))::float8 as "retentionAgeSeconds",
        coalesce((select (select count(*) from jsonb_object_keys(problems)) from sluice.retention_runs
          order by started_at desc limit 1), 0)::int as "retentionUndone"`.execute(db),
  ]);
  return { ...rows[0]!, canaries, unattended, services };
}
