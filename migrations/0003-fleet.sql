-- Who serves what: each resolver says which pointers it has in memory, and at which revision.
-- Unlogged: written every few seconds, and worth nothing after a crash, since every resolver then says it again.

create unlogged table sluice.instances (
  id uuid primary key,
  host text not null,
  pid integer not null,
  sdk_version text not null,
  label text not null,
  started_at timestamptz not null default clock_timestamp(),
  seen_at timestamptz not null default clock_timestamp()
) with (fillfactor = 50);

create unlogged table sluice.instance_serves (
  instance_id uuid not null references sluice.instances (id) on delete cascade,
  label text not null,
  prompt text not null,
  model text not null,
  tenant text not null,
  -- The newest that the instance has taken over; 0: it cannot serve what the pointer names.
  revision bigint not null,
  confirmed_at timestamptz not null default clock_timestamp(),
  primary key (instance_id, label, prompt, model, tenant)
) with (fillfactor = 50);
create index instance_serves_by_scope on sluice.instance_serves (prompt, label, model, tenant);

-- The one door for what resolvers say of themselves: {id, host, pid, sdkVersion, label, whole, closed,
-- serves: [{label, prompt, model, tenant, revision}], dropped: [{label, prompt, model, tenant}]}.
-- False: the instance is not known (any more) and has to say all it serves, `whole`. A report that comes late
-- takes nothing back. Instances that have not been seen for 30 s are cleared when another one comes.
create function sluice.report_serving(report jsonb) returns boolean language plpgsql as $$
declare
  instance constant uuid := report ->> 'id';
  is_whole constant boolean := coalesce((report ->> 'whole')::boolean, false);
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

-- How the promotion of a rollout reached the resolvers: {confirmed, live, ms, missing}.
alter table sluice.rollouts add column fleet jsonb;
