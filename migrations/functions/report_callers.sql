-- The one door for what services send: {service, tenants?, sends: [{label, prompt, calls, values: [{kind, name, types,
-- longest, calls}]}]}. False: another process of the same service is at it, and this is to be said again soon, so that a
-- thousand that start at once do not wait for each other. What is of a prompt that is not there, or that the login of a
-- tenant cannot see, is left out; so is what is more than 20,000 rows of a prompt a day.
create or replace function sluice.report_callers(report jsonb) returns boolean language plpgsql
  security definer set search_path = pg_catalog, pg_temp as $$
declare
  said_by constant text := left(report ->> 'service', 64);
  own constant text[] := sluice.tenants_of_login();
  told_by constant text := coalesce(array_to_string(own, ','), report ->> 'tenants', '');
  today constant date := (clock_timestamp() at time zone 'utc')::date;
  most constant integer := 20000;
begin
  if said_by is null or own = '{}' then return true; end if;
  if not pg_try_advisory_xact_lock(hashtext('sluice.report_callers'), hashtext(said_by)) then return false; end if;
  with sends as materialized (
    select s.label, s.prompt, s.calls, s.values
    from jsonb_to_recordset(report -> 'sends') as s (label text, prompt text, calls bigint, values jsonb)
    where s.calls > 0 and length(s.label) <= 36
      and exists (select from sluice.prompts p where p.name = s.prompt)
      and (own is null or exists (select from sluice.pointers p
        where p.prompt in (s.prompt, '') and p.tenant = any (own || ''::text)))
      and (select count(*) from (select from sluice.caller_values c
        where c.prompt = s.prompt and c.day = today limit most) counted) < most
    limit 1000
  ), said as materialized (
    select label, prompt, 'call' as kind, '' as name, '{}'::text[] as types, 0::bigint as longest, calls, calls as of
    from sends
    union all
    select s.label, s.prompt, v.kind, v.name, array(select jsonb_array_elements_text(v.types)), v.longest, v.calls, s.calls
    from sends s, jsonb_to_recordset(s.values) as v (kind text, name text, types jsonb, longest bigint, calls bigint)
    where v.kind in ('variable', 'placeholder') and length(v.name) <= 128 and v.calls > 0
  ), missing as (
    update sluice.caller_values c set missing_at = clock_timestamp()
    from sends s
    where (c.prompt, c.day, c.label, c.service, c.tenant) = (s.prompt, today, s.label, said_by, told_by) and c.kind <> 'call'
      and not exists (select from said v
        where (v.label, v.prompt, v.kind, v.name) = (c.label, c.prompt, c.kind, c.name))
  )
  insert into sluice.caller_values as c
    (prompt, day, label, service, tenant, kind, name, types, longest, calls, missing_at)
  select prompt, today, label, said_by, told_by, kind, name, min(types), max(longest), sum(calls),
    case when sum(calls) < sum(of) then clock_timestamp() end
  from said group by prompt, label, kind, name
  on conflict (prompt, day, label, service, tenant, kind, name) do update set
    types = array(select distinct unnest(c.types || excluded.types) order by 1),
    longest = greatest(c.longest, excluded.longest), calls = c.calls + excluded.calls, last_seen = clock_timestamp(),
    missing_at = greatest(c.missing_at, excluded.missing_at);
  return true;
end $$;
-- With its owner's rights: a service may call it, and write nothing else.
revoke all on function sluice.report_callers(jsonb) from public;
