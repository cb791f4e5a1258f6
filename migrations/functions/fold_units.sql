-- Folds what is due of a rollout into its cells, at most so many units, each once: the statement that adds a
-- unit deletes the row that says it is open. Its values are those of its outcomes that are committed by now;
-- what comes later is stored only. Gives how many units were folded. Chan's merge of moments.
create or replace function sluice.fold_units(rollout uuid, most integer) returns bigint language plpgsql
  set enable_seqscan = off as $$
declare
  until constant timestamptz := clock_timestamp();
  total bigint;
begin
  with due as (
    select exposure, window_ms from sluice.open_units
    where rollout_id = rollout and closes_at <= until
    order by closes_at, exposure, window_ms limit most
    for update skip locked
  ), closed as (
    delete from sluice.open_units u using due d
    where u.exposure = d.exposure and u.window_ms = d.window_ms
    returning u.exposure, u.window_ms, u.epoch, u.arm, u.segments
  ), valued as (
    select c.epoch, c.arm, c.segments, m.metric, m.kind = 'ratio' as is_ratio,
           v.n * v.part as n, v.sum * v.part as sum, v.uncapped / nullif(v.n, 0) as uncapped,
           case m.measure
             when 'unanswered' then (v.outcomes = 0)::int::double precision
             when 'any_trouble' then (v.outcomes = 0 or v.trouble)::int::double precision
             when 'over_cap' then case when v.n > 0 then (v.highest > m.cap)::int::double precision end
             -- What is 0 or less has no logarithm: it counts as missing.
             when 'log' then case when v.n > 0 and v.sum > 0 then ln(v.sum / v.n) end
             else case when v.n = 0 then null
                       when m.kind = 'rare' then (v.sum > 0)::int::double precision
                       else v.sum / v.n end
           end as value
    from closed c join sluice.rollout_metrics m on m.rollout_id = rollout and m.window_ms = c.window_ms
    cross join lateral (
      select count(value) as n, coalesce(sum(least(value, m.cap)) filter (where value is not null), 0) as sum,
             sum(value) as uncapped,
             max(value) as highest, count(*) as outcomes, bool_or(trouble) as trouble,
             -- Count and sum of a unit are cut together, so that its own ratio stays what it was.
             least(1, m.most_requests::double precision / nullif(count(value), 0)) as part
      from (select sluice.measurement(o.metrics -> coalesce(m.source, m.metric)) as value,
                   case when m.measure = 'any_trouble' then sluice.is_trouble(o.metrics) end as trouble
            from sluice.outcomes o where o.exposure = c.exposure) reading
    ) v
  ), moments as (
    select epoch, arm, metric, count(*) as units, count(value) as n,
           coalesce(avg(value), 0) as mean, coalesce(var_pop(value) * count(value), 0) as m2,
           coalesce(avg(uncapped) filter (where value is not null), 0) as uncapped,
           coalesce(sum(sum) filter (where is_ratio and n > 0), 0) as s,
           coalesce(sum(n) filter (where is_ratio), 0)::double precision as c,
           coalesce(sum(sum * sum) filter (where is_ratio and n > 0), 0) as ss,
           coalesce(sum(n::double precision * n) filter (where is_ratio), 0) as cc,
           coalesce(sum(sum * n) filter (where is_ratio and n > 0), 0) as sc
    from valued group by epoch, arm, metric
  ), merged as (
    insert into sluice.cells (rollout_id, epoch, arm, metric, units, n, mean, m2, uncapped,
      ratio_s, ratio_c, ratio_ss, ratio_cc, ratio_sc, newest_value_at)
    select rollout, epoch, arm, metric, units, n, mean, m2, uncapped, s, c, ss, cc, sc, case when n > 0 then until end
    from moments order by epoch, arm, metric
    on conflict (rollout_id, epoch, arm, metric) do update set
      units = cells.units + excluded.units,
      n = cells.n + excluded.n,
      mean = case when cells.n + excluded.n = 0 then 0 else
        cells.mean + (excluded.mean - cells.mean) * excluded.n / (cells.n + excluded.n) end,
      m2 = case when cells.n + excluded.n = 0 then 0 else
        cells.m2 + excluded.m2
          + (excluded.mean - cells.mean) ^ 2 * cells.n * excluded.n / (cells.n + excluded.n) end,
      uncapped = case when cells.n + excluded.n = 0 then 0 else
        cells.uncapped + (excluded.uncapped - cells.uncapped) * excluded.n / (cells.n + excluded.n) end,
      ratio_s = cells.ratio_s + excluded.ratio_s,
      ratio_c = cells.ratio_c + excluded.ratio_c,
      ratio_ss = cells.ratio_ss + excluded.ratio_ss,
      ratio_cc = cells.ratio_cc + excluded.ratio_cc,
      ratio_sc = cells.ratio_sc + excluded.ratio_sc,
      newest_value_at = coalesce(excluded.newest_value_at, cells.newest_value_at)
  ), segment_moments as (
    select v.epoch, v.arm, v.metric, s.key as segment, s.value as segment_value, count(*) as units, count(v.value) as n,
           coalesce(avg(v.value), 0) as mean, coalesce(var_pop(v.value) * count(v.value), 0) as m2,
           coalesce(sum(sum) filter (where is_ratio and n > 0), 0) as s,
           coalesce(sum(n) filter (where is_ratio), 0)::double precision as c,
           coalesce(sum(sum * sum) filter (where is_ratio and n > 0), 0) as ss,
           coalesce(sum(n::double precision * n) filter (where is_ratio), 0) as cc,
           coalesce(sum(sum * n) filter (where is_ratio and n > 0), 0) as sc
    from valued v cross join lateral jsonb_each_text(v.segments) s
    where v.segments is not null group by 1, 2, 3, 4, 5
  ), segments_merged as (
    insert into sluice.segment_cells (rollout_id, epoch, arm, metric, segment, value, units, n, mean, m2,
      ratio_s, ratio_c, ratio_ss, ratio_cc, ratio_sc)
    select rollout, epoch, arm, metric, segment, segment_value, units, n, mean, m2, s, c, ss, cc, sc
    from segment_moments order by epoch, arm, metric, segment, segment_value
    on conflict (rollout_id, epoch, arm, metric, segment, value) do update set
      units = segment_cells.units + excluded.units,
      n = segment_cells.n + excluded.n,
      mean = case when segment_cells.n + excluded.n = 0 then 0 else segment_cells.mean
        + (excluded.mean - segment_cells.mean) * excluded.n / (segment_cells.n + excluded.n) end,
      m2 = case when segment_cells.n + excluded.n = 0 then 0 else segment_cells.m2 + excluded.m2
          + (excluded.mean - segment_cells.mean) ^ 2 * segment_cells.n * excluded.n
            / (segment_cells.n + excluded.n) end,
      ratio_s = segment_cells.ratio_s + excluded.ratio_s,
      ratio_c = segment_cells.ratio_c + excluded.ratio_c,
      ratio_ss = segment_cells.ratio_ss + excluded.ratio_ss,
      ratio_cc = segment_cells.ratio_cc + excluded.ratio_cc,
      ratio_sc = segment_cells.ratio_sc + excluded.ratio_sc
  )
  select count(*) from closed into total;
  return total;
end $$;
