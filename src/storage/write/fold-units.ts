import { sql } from "kysely";
import type { Database } from "../database.ts";

const BATCH = 20_000;

/**
 * Folds every unit whose window has closed into its cell, once: the row that says it is open is deleted by
 * the statement that adds it. A row that a reporting service holds at this moment waits for the next tick.
 * Gives how many (unit, metric) pairs were folded. Chan's merge: statistics.md section 3.
 */
export async function foldUnits(db: Database, rolloutId: string): Promise<number> {
  let total = 0;
  for (;;) {
    const { rows } = await foldBatch(db, rolloutId);
    const folded = rows[0]?.folded ?? 0;
    total += folded;
    if (folded < BATCH) return total;
  }
}

function foldBatch(db: Database, rolloutId: string) {
  return sql<{ folded: number }>`
    with due as (
      select unit, metric, epoch from sluice.open_units
      where rollout_id = ${rolloutId} and closes_at <= clock_timestamp()
      order by closes_at, unit, metric limit ${BATCH}
      for update skip locked
    ), folded as (
      delete from sluice.open_units u using due d
      where u.rollout_id = ${rolloutId} and u.unit = d.unit and u.metric = d.metric and u.epoch = d.epoch
      returning u.epoch, u.arm, u.metric, u.n, u.sum
    ), valued as (
      select f.*, m.kind = 'ratio' as is_ratio,
             case when f.n = 0 then null
                  when m.kind = 'rare' then (f.sum > 0)::int::double precision
                  else f.sum / f.n end as value
      from folded f join sluice.rollout_metrics m on m.rollout_id = ${rolloutId} and m.metric = f.metric
    ), moments as (
      select epoch, arm, metric, count(*) as units, count(value) as n,
             coalesce(avg(value), 0) as mean, coalesce(var_pop(value) * count(value), 0) as m2,
             coalesce(sum(sum) filter (where is_ratio and n > 0), 0) as s,
             coalesce(sum(n) filter (where is_ratio), 0)::double precision as c,
             coalesce(sum(sum * sum) filter (where is_ratio and n > 0), 0) as ss,
             coalesce(sum(n::double precision * n) filter (where is_ratio), 0) as cc,
             coalesce(sum(sum * n) filter (where is_ratio and n > 0), 0) as sc
      from valued group by epoch, arm, metric
    ), merged as (
      insert into sluice.cells (rollout_id, epoch, arm, metric, units, n, mean, m2,
        ratio_s, ratio_c, ratio_ss, ratio_cc, ratio_sc, newest_value_at)
      select ${rolloutId}::uuid, epoch, arm, metric, units, n, mean, m2, s, c, ss, cc, sc,
             case when n > 0 then clock_timestamp() end
      from moments order by epoch, arm, metric
      on conflict (rollout_id, epoch, arm, metric) do update set
        units = cells.units + excluded.units,
        n = cells.n + excluded.n,
        mean = case when cells.n + excluded.n = 0 then 0 else
          cells.mean + (excluded.mean - cells.mean) * excluded.n / (cells.n + excluded.n) end,
        m2 = case when cells.n + excluded.n = 0 then 0 else
          cells.m2 + excluded.m2
            + (excluded.mean - cells.mean) ^ 2 * cells.n * excluded.n / (cells.n + excluded.n) end,
        ratio_s = cells.ratio_s + excluded.ratio_s,
        ratio_c = cells.ratio_c + excluded.ratio_c,
        ratio_ss = cells.ratio_ss + excluded.ratio_ss,
        ratio_cc = cells.ratio_cc + excluded.ratio_cc,
        ratio_sc = cells.ratio_sc + excluded.ratio_sc,
        newest_value_at = coalesce(excluded.newest_value_at, cells.newest_value_at)
    )
    select count(*) as folded from folded`.execute(db);
}
