-- Takes the outcomes of a batch: [{id, version, rollout, unit, label, model, tenant, metrics, feedback, sample,
-- answered}], and adds them to their versions' usage; `answered` is what the vendor calls the model that did. One with {dropped: n} is none: it says how many of that version in that rollout
-- its sender had no room for, and is kept so that it counts once. Idempotent by id; rows are taken in key order, so
-- batches from many connections cannot deadlock. Readings are judged by the group instead of one by one, an outcome looks its unit's windows up only
-- when one of them may have closed, and rollouts are read once a batch. Gives what became of them. Called by
-- record_batch alone, whose settings its plans are made under.
create or replace function sluice.record_outcomes(outcomes jsonb,
    out inserted bigint, out joined bigint, out late bigint, out refused_values bigint)
  language plpgsql as $$
#variable_conflict use_column
declare
  -- What is older may have been counted and removed: it is not counted again, and how much of it came is.
  horizon constant uuid := (select oldest_outcome from sluice.retention_horizon where one);
  n_old bigint;
begin
  with given as materialized (
    select distinct on (o.id) o.*
    from jsonb_to_recordset(outcomes) as o(
      id uuid, version uuid, rollout uuid, unit text, label text, model text, tenant text,
      metrics jsonb, feedback text, sample jsonb, dropped bigint, answered text)
    where not (o.id < horizon and substr(o.id::text, 15, 1) = '7')
    order by o.id
  ), rollouts as materialized (
    select r.id, r.outcome, r.candidate_version, r.baseline_version,
           (select min(m.window_ms) from sluice.rollout_metrics m where m.rollout_id = r.id)
             * interval '1 millisecond' as shortest
    from sluice.rollouts r where r.id in (select rollout from given)
  ), placed as materialized (
    select g.id, g.version, g.rollout, coalesce(g.label, '') as label, coalesce(g.model, '') as model,
           coalesce(g.tenant, '') as tenant, g.unit, g.feedback, g.sample, left(g.answered, 128) as answered,
           case when g.dropped is not null then least(greatest(g.dropped, 0), 1000000000) end as dropped,
           case when g.version = r.candidate_version then 'dropped_candidate' else 'dropped_control' end as lost_as,
           case when g.dropped is not null then '{}' when pg_column_size(g.metrics) > 1024
             then sluice.bounded_metrics(g.id, g.metrics) else coalesce(g.metrics, '{}') end as metrics,
           r.id as known, x.id as exposure, x.exposed_at + r.shortest as first_closing, case
      when g.rollout is null or g.unit is null or x.unit is null or g.dropped is not null then 'unenrolled'
      when r.outcome is not null then 'after_end'
      when g.version is distinct from case x.arm when 'candidate' then r.candidate_version
                                                 else r.baseline_version end then 'wrong_version'
      else 'joined' end as status
    from given g
    left join lateral (
      select e.unit, e.arm, e.id, e.exposed_at from sluice.exposures e
      where e.rollout_id = g.rollout and e.unit = g.unit order by e.mode desc limit 1
    ) x on true
    left join rollouts r on r.id = g.rollout
  ), added as materialized (
    insert into sluice.outcomes (id, version_id, rollout_id, unit, exposure, metrics, status, feedback, sample)
    select id, version, rollout, unit, case status when 'joined' then exposure end, metrics, status,
           feedback, sample
    from placed order by id
    on conflict (id) do nothing
    returning id
  ), fresh as materialized (
    select p.version, p.label, p.model, p.tenant, p.metrics, p.known, p.status, p.dropped, p.lost_as, p.answered,
           -- Which of its unit's windows are open; null where surely all are, which nearly every outcome finds.
           case when p.status = 'joined' and (p.first_closing > clock_timestamp()) is not true then array(
             select u.window_ms from sluice.open_units u where u.exposure = p.exposure) end as windows
    from added a join placed p using (id)
  ), buckets as materialized (
    select version, label, model, tenant, known, status, windows, metric,
           case when value <= 0 then -32768
                else ceil(16 * ln(value) / ln(2::double precision) - 1e-9) end::smallint as bucket,
           count(value) as n, count(*) - count(value) as refused,
           coalesce(avg(value), 0) as mean, coalesce(var_pop(value) * count(value), 0) as m2
    from (
      select f.version, f.label, f.model, f.tenant, f.known, f.status, f.windows, e.key as metric,
             case when e.key <> '' then sluice.measurement(e.value) end as value
      from fresh f cross join lateral jsonb_each(f.metrics) as e
      offset 0
    ) readings group by 1, 2, 3, 4, 5, 6, 7, 8, 9
  ), judged as materialized (
    select b.known, sum(b.refused) as refused,
           sum(b.n) filter (where m.metric is not null and coalesce(m.window_ms = any (b.windows), true))
             as counted,
           sum(b.n) filter (where m.metric is not null and not m.window_ms = any (b.windows)) as missed
    from buckets b left join sluice.rollout_metrics m
      on b.status = 'joined' and m.rollout_id = b.known and m.metric = b.metric
    group by b.known
  ), noted as (
    insert into sluice.rollout_intake (rollout_id, kind, n)
    select known, kind, n from (
      select known, case when dropped is null then status else lost_as end as kind,
             sum(coalesce(dropped, 1)) as n from fresh group by 1, 2
      union all select known, 'late_value', missed from judged
      union all select known, 'refused_value', refused from judged
    ) counts where known is not null and n > 0 order by 1, 2
    on conflict (rollout_id, kind) do update set n = rollout_intake.n + excluded.n
  ), summed as (
    insert into sluice.usage (version_id, label, model, tenant, hour, metric, n, mean, m2, refused)
    select version, label, model, tenant, date_trunc('hour', clock_timestamp()), metric, n, mean, m2, refused
    from (
      select version, label, model, tenant, metric, sum(n) as n, min(middle) as mean,
             sum(m2 + n * (mean - middle) ^ 2) as m2, sum(refused) as refused
      from (
        select *, coalesce(sum(n * mean) over metrics / nullif(sum(n) over metrics, 0), 0) as middle
        from buckets where version is not null and metric <> ''
        window metrics as (partition by version, label, model, tenant, metric)
      ) centred group by 1, 2, 3, 4, 5
      union all
      select version, label, model, tenant, '', count(*), 0, 0, 0 from fresh
      where version is not null and dropped is null group by 1, 2, 3, 4
    ) rows order by 1, 2, 3, 4, 5, 6
    on conflict (version_id, label, model, tenant, hour, metric) do update set
      n = usage.n + excluded.n,
      mean = case when usage.n + excluded.n = 0 then 0 else
        usage.mean + (excluded.mean - usage.mean) * excluded.n / (usage.n + excluded.n) end,
      m2 = case when usage.n + excluded.n = 0 then 0 else usage.m2 + excluded.m2
         + (excluded.mean - usage.mean) ^ 2 * usage.n * excluded.n / (usage.n + excluded.n) end,
      refused = usage.refused + excluded.refused
  ), answering as (
    insert into sluice.answering (version_id, label, model, tenant, hour, name, n)
    select version, label, model, tenant, date_trunc('hour', clock_timestamp()), answered, count(*) from fresh
    where answered <> '' and version is not null group by 1, 2, 3, 4, 5, 6 order by 1, 5, 6, 2, 3, 4
    on conflict (version_id, hour, name, label, model, tenant) do update set n = answering.n + excluded.n
  ), drawn as (
    insert into sluice.usage_histogram (version_id, label, model, tenant, hour, metric, bucket, n)
    select version, label, model, tenant, date_trunc('hour', clock_timestamp()), metric, bucket, sum(n)
    from buckets where version is not null and bucket is not null
    group by 1, 2, 3, 4, 6, 7 order by 1, 2, 3, 4, 5, 6, 7
    on conflict (version_id, label, model, tenant, hour, metric, bucket)
      do update set n = usage_histogram.n + excluded.n
  )
  select (select count(*) from fresh where dropped is null), coalesce(sum(judged.counted), 0), coalesce(sum(judged.missed), 0),
         coalesce(sum(judged.refused), 0)
    into inserted, joined, late, refused_values from judged;
  -- Looked for only where not all are new: nearly every batch is.
  if horizon is not null and inserted < jsonb_array_length(outcomes) then
    with old as materialized (
      select distinct on (o.id) o.rollout from jsonb_to_recordset(outcomes) as o(id uuid, rollout uuid)
      where o.id < horizon and substr(o.id::text, 15, 1) = '7'
    ), noted as (
      insert into sluice.rollout_intake (rollout_id, kind, n)
      select r.id, 'too_old', count(*) from old join sluice.rollouts r on r.id = old.rollout group by 1 order by 1
      on conflict (rollout_id, kind) do update set n = rollout_intake.n + excluded.n
    )
    select count(*) into n_old from old;
    if n_old > 0 then
      update sluice.retention_horizon h set too_old = h.too_old + n_old where h.one;
    end if;
  end if;
end $$;
revoke all on function sluice.record_outcomes(jsonb) from public;
