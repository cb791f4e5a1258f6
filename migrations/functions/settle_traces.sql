-- Counts what is complete of these traces, as record_batch does: generations that have ended and whose user is known, or
-- that have waited long enough (hold_ms for the user, ten minutes for the end), and the scores of what was counted.
-- Called by record_langfuse and settle_langfuse alone, whose rights and settings it runs with.
create or replace function sluice.settle_traces(traces text[], hold_ms integer) returns void language plpgsql
  set search_path = pg_catalog, pg_temp as $$
declare
  exposures jsonb;
  outcomes jsonb;
  scores jsonb;
begin
  with due as materialized (
    select h.trace, h.observation, h.key_id, h.metrics, g.*, coalesce(g.unit, u.unit) as whose
    from sluice.langfuse_held h
    cross join lateral jsonb_to_record(h.generation) as g(version uuid, prompt text, label text, model text,
      tenant text, rollout uuid, arm text, epoch integer, unit text, "startedMs" float8, "endedMs" float8)
    left join sluice.langfuse_units u on u.trace = h.trace and u.key_id = h.key_id
    where h.trace = any (traces)
      and (g."endedMs" is not null or h.at < clock_timestamp() - interval '10 minutes')
      and (g.rollout is null or g.unit is not null or u.unit is not null
        or h.at < clock_timestamp() - hold_ms * interval '1 millisecond')
    order by 1, 2, 3 for update of h skip locked
  ), taken as (
    delete from sluice.langfuse_held h using due d
    where h.trace = d.trace and h.observation = d.observation and h.key_id = d.key_id
  ), linked as (
    insert into sluice.langfuse_links
      (trace, observation, key_id, prompt, version_id, rollout_id, unit, label, model, tenant)
    select trace, observation, key_id, prompt, version, case when whose is not null then rollout end,
           case when rollout is not null then whose end, label, model, tenant
    from due order by 1, 2, 3
    on conflict do nothing
    returning trace, observation, key_id, rollout_id, langfuse_links.unit as whose
  ), fresh as materialized (
    select d.trace, d.observation, d.key_id, d.version, d.label, d.model, d.tenant, d.arm, d.epoch,
           d."endedMs" as ended, l.rollout_id, l.whose, d.rollout is not null and l.rollout_id is null as nobodys,
           d.metrics || case when d."endedMs" >= d."startedMs"
             then jsonb_build_object('latency_ms', d."endedMs" - d."startedMs") else '{}' end as metrics
    from due d join linked l using (trace, observation, key_id)
  ), noted as (
    insert into sluice.langfuse_intake (key_id, kind, n)
    select key_id, case when nobodys then 'without_unit' else 'generation' end, count(*)
    from fresh group by 1, 2 order by 1, 2
    on conflict (key_id, kind) do update set n = langfuse_intake.n + excluded.n, newest_at = excluded.newest_at
  )
  select jsonb_agg(jsonb_strip_nulls(jsonb_build_object('rollout', rollout_id, 'unit', whose, 'arm', arm,
             'epoch', epoch, 'segments', case when tenant <> '' then jsonb_build_object('tenant', tenant) end)))
           filter (where rollout_id is not null),
         jsonb_agg(jsonb_build_object('id', sluice.derived_id(format('lf-gen:%s:%s', trace, observation), ended),
             'version', version, 'rollout', rollout_id, 'unit', whose, 'label', label, 'model', model,
             'tenant', tenant, 'metrics', metrics))
    into exposures, outcomes
  from fresh;

  with found as materialized (
    select w.trace, w.score, w.key_id, w.metrics, w.feedback, w.joined_at is null as is_first, l.*
    from sluice.langfuse_waiting w
    cross join lateral (
      select distinct on (l.prompt) l.prompt, l.version_id, l.rollout_id, l.unit, l.label, l.model, l.tenant
      from sluice.langfuse_links l
      where l.trace = w.trace and (w.observation is null or l.observation = w.observation)
        and (w.joined_at is null or l.at > w.joined_at)
        and sluice.covers_grants(w.grants, jsonb_build_object('labels', jsonb_build_array(l.label),
          'prompts', jsonb_build_array(l.prompt), 'tenants', jsonb_build_array(l.tenant)))
      order by l.prompt, l.at desc, l.observation
    ) l
    where w.trace = any (traces)
  ), joined as (
    update sluice.langfuse_waiting w set joined_at = clock_timestamp()
    from (select distinct trace, score, key_id from found order by 1, 2, 3) f
    where w.trace = f.trace and w.score = f.score and w.key_id = f.key_id
  ), noted as (
    insert into sluice.langfuse_intake (key_id, kind, n)
    select key_id, 'score', count(distinct (trace, score)) from found where is_first group by key_id order by key_id
    on conflict (key_id, kind) do update set n = langfuse_intake.n + excluded.n, newest_at = excluded.newest_at
  )
  select jsonb_agg(jsonb_build_object('id', sluice.derived_id(format('lf-score:%s:%s', score, prompt), null),
             'version', version_id, 'rollout', rollout_id, 'unit', unit, 'label', label, 'model', model,
             'tenant', tenant, 'metrics', metrics, 'feedback', feedback))
    into scores
  from found;

  if outcomes is not null or scores is not null then
    perform sluice.record_batch(jsonb_build_object('exposures', coalesce(exposures, '[]'),
      'outcomes', coalesce(outcomes, '[]') || coalesce(scores, '[]')));
  end if;
end $$;
revoke all on function sluice.settle_traces(text[], integer) from public;
