-- The metrics of one outcome, unless there are more than a service means to send: each name is a row in usage for
-- everybody who reads it. Called for large ones alone.
create or replace function sluice.bounded_metrics(outcome uuid, metrics jsonb) returns jsonb language plpgsql immutable
  set search_path = pg_catalog, pg_temp as $$
declare
  most constant integer := 100;
  named constant bigint := (select count(*) from jsonb_object_keys(metrics));
begin
  if named > most then
    raise exception 'outcome % has % metrics, and at most % are taken', outcome, named, most
      using errcode = 'invalid_parameter_value';
  end if;
  return metrics;
end $$;
