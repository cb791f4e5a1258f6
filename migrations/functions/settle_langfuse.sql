-- Counts what has waited long enough, joins what came at the same moment through two servers, and forgets what is too old
-- to matter; a bounded part of it at a time. Any server may do it, again and again: says whether there is more to do.
create or replace function sluice.settle_langfuse(hold_ms integer) returns boolean language plpgsql
  security definer set search_path = pg_catalog, pg_temp
  set enable_seqscan = off set enable_bitmapscan = off set plan_cache_mode = force_generic_plan as $$
declare
  most constant integer := 1000;
  kept interval := interval '7 days';
  due text[];
begin
  select array_agg(trace) into due from (
    (select h.trace from sluice.langfuse_held h
     where h.at < clock_timestamp() - hold_ms * interval '1 millisecond'
       and (h.generation ? 'endedMs' or h.at < clock_timestamp() - interval '10 minutes') order by h.at limit most)
    union
    (select w.trace from sluice.langfuse_waiting w
     where w.at > clock_timestamp() - interval '1 minute' and w.joined_at is null
       and exists (select from sluice.langfuse_links l where l.trace = w.trace) order by w.at limit most)) named;
  if due is not null then
    perform sluice.settle_traces(due, hold_ms);
  end if;

  select greatest(kept, max(m.window_ms) * interval '1 millisecond') into kept
  from sluice.rollouts r join sluice.rollout_metrics m on m.rollout_id = r.id where r.outcome is null;
  with old as (
    delete from sluice.langfuse_waiting w using (
      select ctid as place from sluice.langfuse_waiting where at < clock_timestamp() - interval '1 hour'
      order by at limit most for update skip locked) o
    where w.ctid = o.place returning w.key_id, w.joined_at
  )
  insert into sluice.langfuse_intake (key_id, kind, n)
  select key_id, 'without_generation', count(*) from old where joined_at is null group by key_id order by key_id
  on conflict (key_id, kind) do update set n = langfuse_intake.n + excluded.n, newest_at = excluded.newest_at;
  delete from sluice.langfuse_links l using (
    select ctid as place from sluice.langfuse_links where at < clock_timestamp() - kept
    order by at limit most for update skip locked) o where l.ctid = o.place;
  delete from sluice.langfuse_units u using (
    select ctid as place from sluice.langfuse_units where at < clock_timestamp() - interval '1 hour'
    order by at limit most for update skip locked) o where u.ctid = o.place;
  return exists (select from sluice.langfuse_held);
end $$;
revoke all on function sluice.settle_langfuse(integer) from public;
