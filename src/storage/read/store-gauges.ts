import { sql } from "kysely";
import type { StoreGauges } from "../../domain/shapes/store-gauges.ts";
import type { Database } from "../database.ts";
import { stateOfStore } from "./state-of-store.ts";

export async function storeGauges(db: Database): Promise<StoreGauges> {
  const [{ canaries, unattended, services }, { rows }] = await Promise.all([
    stateOfStore(db, {}),
    sql<Pick<StoreGauges, "rollouts" | "deadLetters" | "drift" | "shortestLeaseSeconds" | "tooOldOutcomes">>`
      select
        coalesce((select jsonb_agg(jsonb_build_object('phase', phase, 'n', n)) from (
          select phase, count(*) as n from sluice.rollouts where outcome is null group by phase) r), '[]') as rollouts,
        coalesce((select jsonb_agg(jsonb_build_object('operation', operation, 'n', n)) from (
          select operation, count(*) as n from sluice.dead_letters where status = 'open' group by operation) d), '[]')
          as "deadLetters",
        coalesce((select jsonb_agg(jsonb_build_object('kind', kind, 'environment', environment, 'n', n)) from (
          select kind, environment, count(*) as n from sluice.drift group by kind, environment) g), '[]') as drift,
        (select extract(epoch from min(lease_until) - clock_timestamp())::float8 from sluice.pointers
          where mode = 'canary') as "shortestLeaseSeconds",
        (select too_old::float8 from sluice.retention_horizon) as "tooOldOutcomes"`.execute(db),
  ]);
  return { ...rows[0]!, canaries, unattended, services };
}
