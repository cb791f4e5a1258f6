-- The one door for what processes tell each other of endpoints that fail: {opened: [{provider, endpoint, model, openMs,
-- reason}], closed: [{provider, endpoint, model}], probes: [the same]}, model null for the endpoint itself. Answers with
-- all that are open, and those of the probes that the caller may make. Nobody holds an endpoint back for more than a
-- minute, and what nobody has asked for ten minutes is forgotten.
create or replace function sluice.exchange_circuits(exchange jsonb) returns jsonb language plpgsql
  security definer set search_path = pg_catalog, pg_temp as $$
declare
  granted jsonb;
begin
  if jsonb_array_length(exchange -> 'opened') > 0 then
    delete from sluice.circuits where open_until < clock_timestamp() - interval '10 minutes';
    insert into sluice.circuits as c (provider, endpoint, model, open_until, reason)
    select distinct on (provider, endpoint, coalesce(model, '')) provider, endpoint, coalesce(model, ''),
      clock_timestamp() + least(greatest("openMs", 0), 60000) * interval '1 millisecond', reason
    from jsonb_to_recordset(exchange -> 'opened')
      as o (provider text, endpoint text, model text, "openMs" float8, reason text)
    order by provider, endpoint, coalesce(model, '')
    limit greatest(0, 1000 - (select count(*) from sluice.circuits))
    on conflict (provider, endpoint, model) do update
      set open_until = greatest(c.open_until, excluded.open_until), reason = excluded.reason, probe_until = null;
  end if;
  delete from sluice.circuits c
  using jsonb_to_recordset(exchange -> 'closed') as o (provider text, endpoint text, model text)
  where (c.provider, c.endpoint, c.model) = (o.provider, o.endpoint, coalesce(o.model, ''));
  with given as (
    update sluice.circuits c set probe_until = clock_timestamp() + interval '5 seconds'
    from (select distinct provider, endpoint, coalesce(model, '') as model
          from jsonb_to_recordset(exchange -> 'probes') as o (provider text, endpoint text, model text)) o
    where (c.provider, c.endpoint, c.model) = (o.provider, o.endpoint, o.model)
      and c.open_until <= clock_timestamp() and (c.probe_until is null or c.probe_until <= clock_timestamp())
    returning c.provider, c.endpoint, c.model)
  select coalesce(jsonb_agg(jsonb_build_object(
    'provider', provider, 'endpoint', endpoint, 'model', nullif(model, ''))), '[]') into granted from given;
  return jsonb_build_object('granted', granted, 'open', (
    select coalesce(jsonb_agg(jsonb_build_object('provider', provider, 'endpoint', endpoint, 'model', nullif(model, ''),
      'openMs', greatest(0, extract(epoch from open_until - clock_timestamp()) * 1000)::float8, 'reason', reason)), '[]')
    from sluice.circuits where open_until >= clock_timestamp() - interval '10 minutes'));
end $$;
-- With its owner's rights: a service may call it, and write nothing else.
revoke all on function sluice.exchange_circuits(jsonb) from public;
