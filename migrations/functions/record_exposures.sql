-- Takes the exposures of a batch: [{rollout, unit, arm, epoch, segments}]. Idempotent by (rollout, unit, mode); rows are
-- taken in key order, so batches from many connections cannot deadlock. Gives how many were new, and how many were
-- refused. Called by record_batch alone, whose settings its plans are made under.
create or replace function sluice.record_exposures(exposures jsonb, out exposed bigint, out refused bigint)
  language plpgsql as $$
declare
  segmented boolean;
begin
  segmented := jsonb_path_exists(exposures, '$[*].segments');
  if segmented then
    -- New values of the segments that the rollouts' policies name, while there is room: by their own statement, so
    -- that the next one sees what others have named meanwhile.
    insert into sluice.segment_values (rollout_id, segment, value, slot)
    select rollout, segment, value, slot from (
      select n.*, t.taken + row_number() over (partition by n.rollout, n.segment order by n.value) as slot
      from (
        select distinct g.rollout, s.segment, left(g.segments ->> s.segment, 64) as value
        from jsonb_to_recordset(exposures) as g(rollout uuid, segments jsonb)
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
  with given as materialized (
    select * from rows from (
      jsonb_to_recordset(exposures) as (
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
    select g.known, case when g.mode is null then 'refused_exposure' else 'conflicting_arm' end as kind
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
    into exposed, refused;
end $$;
revoke all on function sluice.record_exposures(jsonb) from public;
