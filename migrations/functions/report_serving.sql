-- The one door for what resolvers say of themselves: {id, host, pid, sdkVersion, label, whole, closed,
-- serves: [{label, prompt, model, tenant, revision}], dropped: [{label, prompt, model, tenant}]}.
-- False: the instance is not known (any more) and has to say all it serves, `whole`. A report that comes late
-- takes nothing back. Instances that have not been seen for 30 s are cleared when another one comes.
create or replace function sluice.report_serving(report jsonb) returns boolean language plpgsql
  security definer set search_path = pg_catalog, pg_temp as $$
declare
  instance constant uuid := report ->> 'id';
  is_whole constant boolean := coalesce((report ->> 'whole')::boolean, false);
  tenants constant text[] := sluice.tenants_of_login();
begin
  if (report ->> 'closed')::boolean then
    delete from sluice.instances where id = instance;
    return true;
  end if;
  update sluice.instances set seen_at = clock_timestamp() where id = instance;
  if not found then
    if not is_whole then return false; end if;
    delete from sluice.instances where id in (
      select id from sluice.instances where seen_at < clock_timestamp() - interval '30 seconds'
      for update skip locked);
    insert into sluice.instances (id, host, pid, sdk_version, label)
    values (instance, report ->> 'host', (report ->> 'pid')::integer, report ->> 'sdkVersion', report ->> 'label')
    on conflict (id) do update set seen_at = excluded.seen_at;
  elsif is_whole then
    delete from sluice.instance_serves where instance_id = instance;
  end if;
  insert into sluice.instance_serves (instance_id, label, prompt, model, tenant, revision)
  select distinct on (label, prompt, model, tenant) instance, label, prompt, model, tenant, revision
  from jsonb_to_recordset(coalesce(report -> 'serves', '[]'))
    as served (label text, prompt text, model text, tenant text, revision bigint)
  -- A login of one tenant says nothing of another.
  where tenants is null or tenant = any (tenants || ''::text)
  order by label, prompt, model, tenant, revision desc
  on conflict (instance_id, label, prompt, model, tenant)
    do update set revision = excluded.revision, confirmed_at = excluded.confirmed_at
    where instance_serves.revision < excluded.revision;
  delete from sluice.instance_serves s
  using jsonb_to_recordset(coalesce(report -> 'dropped', '[]'))
    as dropped (label text, prompt text, model text, tenant text)
  where s.instance_id = instance and (s.label, s.prompt, s.model, s.tenant)
    = (dropped.label, dropped.prompt, dropped.model, dropped.tenant);
  return true;
end $$;
-- With its owner's rights: a service may call it, and write nothing else.
revoke all on function sluice.report_serving(jsonb) from public;
