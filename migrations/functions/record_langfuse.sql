-- Takes what one request of a Langfuse client says: {key, grants, units: [{trace, unit}], generations: [{trace,
-- observation, generation, metrics, adds}], scores: [{trace, score, observation, metrics, feedback}], counts: {kind: n}}.
-- What is complete is counted at once; the rest is held until more of it comes, or settle_langfuse finds it due: the
-- answer is whether anything is held. With
-- `adds` a generation is one of a prompt; without, it only adds to one that is held. Pieces may come twice.
create or replace function sluice.record_langfuse(batch jsonb, hold_ms integer) returns boolean language plpgsql
  security definer set search_path = pg_catalog, pg_temp
  set enable_seqscan = off set enable_bitmapscan = off set plan_cache_mode = force_generic_plan as $$
declare
  sender constant text := batch ->> 'key';
  traces text[];
begin
  insert into sluice.langfuse_units (trace, key_id, unit)
  select distinct on (u.trace) u.trace, sender, u.unit
  from jsonb_to_recordset(batch -> 'units') as u(trace text, unit text) order by u.trace
  on conflict do nothing;

  insert into sluice.langfuse_held (trace, observation, key_id, generation, metrics)
  select g.trace, g.observation, sender, g.generation, g.metrics
  from jsonb_to_recordset(batch -> 'generations') as g(trace text, observation text, generation jsonb, metrics jsonb, adds boolean)
  where g.adds and not exists (
    select from sluice.langfuse_links l where l.trace = g.trace and l.observation = g.observation and l.key_id = sender)
  order by g.trace, g.observation
  on conflict (trace, observation, key_id) do update set
    generation = langfuse_held.generation || excluded.generation,
    metrics = langfuse_held.metrics || excluded.metrics;

  update sluice.langfuse_held h set generation = h.generation || g.generation, metrics = h.metrics || g.metrics
  from jsonb_to_recordset(batch -> 'generations') as g(trace text, observation text, generation jsonb, metrics jsonb, adds boolean)
  where g.adds is not true and h.trace = g.trace and h.observation = g.observation and h.key_id = sender;

  insert into sluice.langfuse_waiting (trace, score, key_id, observation, metrics, feedback, grants)
  select distinct on (s.trace, s.score) s.trace, s.score, sender, s.observation, s.metrics, s.feedback, batch -> 'grants'
  from jsonb_to_recordset(batch -> 'scores') as s(trace text, score text, observation text, metrics jsonb, feedback text)
  order by s.trace, s.score
  on conflict do nothing;

  perform sluice.count_langfuse(sender, batch -> 'counts');
  select array_agg(distinct named.trace) into traces from (
    select u ->> 'trace' as trace from jsonb_array_elements(batch -> 'units') u
    union all select g ->> 'trace' from jsonb_array_elements(batch -> 'generations') g
    union all select s ->> 'trace' from jsonb_array_elements(batch -> 'scores') s) named;
  if traces is not null then
    perform sluice.settle_traces(traces, hold_ms);
  end if;
  return exists (select from sluice.langfuse_held h where h.trace = any (traces));
end $$;
-- With its owner's rights: a server may call it, and write none of this otherwise.
revoke all on function sluice.record_langfuse(jsonb, integer) from public;
