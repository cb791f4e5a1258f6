-- The one door for what services report: {exposures: [{rollout, unit, arm, epoch, segments}],
-- outcomes: [{id, version, rollout, unit, label, model, tenant, metrics, feedback, sample}]}.
-- Idempotent: an exposure by (rollout, unit, mode), an outcome by id. Rows are taken in key order, so batches
-- from many connections cannot deadlock. Answers with what became of each kind.
-- Plans are made when tables may be empty and are kept for a session, so they must not be told by sizes.
-- Readings are judged by the group instead of one by one, an outcome looks its unit's windows up only when one of
-- them may have closed, and rollouts and epochs are read once a batch.
create or replace function sluice.record_batch(batch jsonb) returns jsonb language plpgsql
  security definer set search_path = pg_catalog, pg_temp
  set enable_seqscan = off set enable_bitmapscan = off set plan_cache_mode = force_generic_plan as $$
declare
  exposed bigint := 0;
  refused_exposures bigint := 0;
  inserted bigint := 0;
  joined bigint := 0;
  late bigint := 0;
  refused_values bigint := 0;
  segmented boolean;
begin
  segmented := jsonb_path_exists(batch, '$.exposures[*].segments');
  if segmented then
    -- New values of the segments that the rollouts' policies name, while there is room: by their own statement, so
    -- that the next one sees what others have named meanwhile.
    insert into sluice.segment_values (rollout_id, segment, value, slot)
    select rollout, segment, value, slot from (
      select n.*, t.taken + row_number() over (partition by n.rollout, n.segment order by n.value) as slot
      from (
        select distinct g.rollout, s.segment, left(g.segments ->> s.segment, 64) as value
        from jsonb_to_recordset(batch -> 'exposures') as g(rollout uuid, segments jsonb)
        join sluice.rollout_segments s on s.rollout_id = g.rollout
        where jsonb_typeof(g.segments) = 'object' and g.segments ->> s.segment <> ''
      ) n
      cross join lateral (
        select count(*) as taken, bool_or(v.value = n.value) as known
        from sluice.segment_values v where v.rollout_id = n.rollout and v.segment = n.segment
      ) t
      where t.known is not true
    ) numbered where slot <= 20 order by 1, 2, 3
    on conflict do nothing;
  end if;
  if jsonb_array_length(coalesce(batch -> 'exposures', '[]')) > 0 then
    with given as materialized (
      select * from rows from (
        jsonb_to_recordset(batch -> 'exposures') as (
          rollout uuid, unit text, arm text, epoch integer, segments jsonb)
      ) with ordinality as e(rollout, unit, arm, epoch, segments, place)
    ), rollouts as materialized (
      select r.id, r.outcome, (r.policy #>> '{canary,max_units}')::bigint as most,
             (r.policy #>> '{canary,min_units}')::bigint as least,
             jsonb_array_length(r.policy #> '{canary,stages}') - 1 as last_stage
      from sluice.rollouts r where r.id in (select rollout from given)
    ), epochs as materialized (
      select p.rollout_id, p.epoch, p.mode, p.stage = r.last_stage as is_last from rollouts r
      join sluice.rollout_epochs p on p.rollout_id = r.id where r.outcome is null
    ), known as materialized (
      select g.*, r.id as known, case when g.arm in ('candidate', 'control') then p.mode end as mode, p.is_last
      from given g
      left join rollouts r on r.id = g.rollout
      left join epochs p on p.rollout_id = g.rollout and p.epoch = g.epoch
    ), first as (
      select distinct on (rollout, unit, mode) * from known where mode is not null
      order by rollout, unit, mode, place
    ), room as materialized (
      -- Units that an arm of a canary still takes: max_units, and in the last stage at least min_units of its own,
      -- however many came before.
      select r.id as rollout, a.arm, r.most - coalesce(sum(c.units), 0) as in_all,
             least(r.least, r.most) - coalesce(sum(c.units) filter (where p.is_last), 0) as of_last
      from rollouts r cross join (values ('candidate'), ('control')) a (arm)
      left join epochs p on p.rollout_id = r.id and p.mode = 'canary'
      left join sluice.exposure_counts c
        on c.rollout_id = r.id and c.epoch = p.epoch and c.arm = a.arm
      where r.outcome is null group by r.id, a.arm, r.most, r.least
    ), wanted as materialized (
      select f.*, case when f.mode = 'canary' then
               case when f.is_last then greatest(m.in_all, m.of_last) else m.in_all end end as room,
             count(*) over (partition by f.rollout, f.arm, f.mode) as coming
      from first f left join room m on m.rollout = f.rollout and m.arm = f.arm
    ), pressed as materialized (
      -- Only where not all fit it matters who has been there before.
      select w.*, row_number() over (partition by w.rollout, w.arm order by w.place) as turn
      from wanted w where w.coming > w.room and not exists (
        select from sluice.exposures e where e.rollout_id = w.rollout and e.unit = w.unit and e.mode = w.mode)
    ), admitted as (
      select rollout, unit, mode, arm, epoch from wanted where (coming > room) is not true
      union all
      select rollout, unit, mode, arm, epoch from pressed where turn <= room
    ), added as (
      insert into sluice.exposures (rollout_id, unit, mode, arm, epoch)
      select rollout, unit, mode, arm, epoch from admitted order by rollout, unit, mode
      on conflict (rollout_id, unit, mode) do nothing
      returning id, rollout_id, unit, mode, arm, epoch, exposed_at
    ), windows as materialized (
      select distinct m.rollout_id, m.window_ms from sluice.rollout_metrics m
      where m.rollout_id in (select rollout_id from added)
    ), opened as (
      insert into sluice.open_units (exposure, window_ms, rollout_id, epoch, arm, closes_at, segments)
      select a.id, m.window_ms, a.rollout_id, a.epoch, a.arm,
             a.exposed_at + m.window_ms * interval '1 millisecond',
             case when segmented then (
               select jsonb_object_agg(s.segment, coalesce(v.value, 'other'))
               from first f join sluice.rollout_segments s on s.rollout_id = f.rollout
               left join sluice.segment_values v on v.rollout_id = f.rollout and v.segment = s.segment
                 and v.value = left(f.segments ->> s.segment, 64)
               where f.rollout = a.rollout_id and f.unit = a.unit and f.mode = a.mode
                 and jsonb_typeof(f.segments) = 'object' and f.segments ->> s.segment <> '') end
      from added a join windows m using (rollout_id)
    ), counted as (
      insert into sluice.exposure_counts (rollout_id, epoch, arm, units)
      select rollout_id, epoch, arm, count(*) from added group by 1, 2, 3 order by 1, 2, 3
      on conflict (rollout_id, epoch, arm) do update set units = exposure_counts.units + excluded.units
    ), astray as (
      select g.known, case when g.mode is null then 'refused_exposure' else 'second_arm' end as kind
      from known g
      left join added a on a.rollout_id = g.rollout and a.unit = g.unit and a.mode = g.mode
      left join lateral (
        select e.arm from sluice.exposures e
        where a.id is null and e.rollout_id = g.rollout and e.unit = g.unit and e.mode = g.mode limit 1
      ) e on true
      where g.mode is null or g.arm <> coalesce(a.arm, e.arm)
    ), noted as (
      insert into sluice.rollout_intake (rollout_id, kind, n)
      select known, kind, count(*) from (
        select known, kind from astray where known is not null
        union all select rollout, 'after_enrolment' from pressed where turn > room
      ) aside group by 1, 2 order by 1, 2
      on conflict (rollout_id, kind) do update set n = rollout_intake.n + excluded.n
    )
    select (select count(*) from added), (select count(*) from known where mode is null)
      into exposed, refused_exposures;
  end if;

  if jsonb_array_length(coalesce(batch -> 'outcomes', '[]')) > 0 then
    with given as materialized (
      select distinct on (o.id) o.*
      from jsonb_to_recordset(batch -> 'outcomes') as o(
        id uuid, version uuid, rollout uuid, unit text, label text, model text, tenant text,
        metrics jsonb, feedback text, sample jsonb)
      order by o.id
    ), rollouts as materialized (
      select r.id, r.outcome, r.candidate_version, r.baseline_version,
             (select min(m.window_ms) from sluice.rollout_metrics m where m.rollout_id = r.id)
               * interval '1 millisecond' as shortest
      from sluice.rollouts r where r.id in (select rollout from given)
    ), placed as materialized (
      select g.id, g.version, g.rollout, coalesce(g.label, '') as label, coalesce(g.model, '') as model,
             coalesce(g.tenant, '') as tenant, case when pg_column_size(g.metrics) > 1024
               then sluice.bounded_metrics(g.id, g.metrics) else coalesce(g.metrics, '{}') end as metrics, g.unit, g.feedback, g.sample,
             r.id as known, x.id as exposure, x.exposed_at + r.shortest as first_closing, case
        when g.rollout is null or g.unit is null or x.unit is null then 'unenrolled'
        when r.outcome is not null then 'closed'
        when g.version is distinct from case x.arm when 'candidate' then r.candidate_version
                                                   else r.baseline_version end then 'mismatched'
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
      select p.version, p.label, p.model, p.tenant, p.metrics, p.known, p.status,
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
        select known, status as kind, count(*) as n from fresh group by 1, 2
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
        where version is not null group by 1, 2, 3, 4
      ) rows order by 1, 2, 3, 4, 5, 6
      on conflict (version_id, label, model, tenant, hour, metric) do update set
        n = usage.n + excluded.n,
        mean = case when usage.n + excluded.n = 0 then 0 else
          usage.mean + (excluded.mean - usage.mean) * excluded.n / (usage.n + excluded.n) end,
        m2 = case when usage.n + excluded.n = 0 then 0 else usage.m2 + excluded.m2
           + (excluded.mean - usage.mean) ^ 2 * usage.n * excluded.n / (usage.n + excluded.n) end,
        refused = usage.refused + excluded.refused
    ), drawn as (
      insert into sluice.usage_histogram (version_id, label, model, tenant, hour, metric, bucket, n)
      select version, label, model, tenant, date_trunc('hour', clock_timestamp()), metric, bucket, sum(n)
      from buckets where version is not null and bucket is not null
      group by 1, 2, 3, 4, 6, 7 order by 1, 2, 3, 4, 5, 6, 7
      on conflict (version_id, label, model, tenant, hour, metric, bucket)
        do update set n = usage_histogram.n + excluded.n
    )
    select (select count(*) from added), coalesce(sum(judged.counted), 0), coalesce(sum(judged.missed), 0),
           coalesce(sum(judged.refused), 0)
      into inserted, joined, late, refused_values from judged;
  end if;

  return jsonb_build_object('exposures', exposed, 'refusedExposures', refused_exposures,
    'outcomes', inserted, 'joined', joined, 'late', late, 'refusedValues', refused_values);
end $$;
-- With its owner's rights: a service may call it, and write nothing else.
revoke all on function sluice.record_batch(jsonb) from public;
