-- The one door for what services report: {exposures, outcomes}, as record_exposures and record_outcomes take them.
-- Exposures come first: an outcome is of a unit that has been exposed. Answers with what became of each kind. What a login
-- of one tenant says of another is left out, and counted as forbidden.
-- Plans are made when tables may be empty and are kept for a session, so they must not be told by sizes.
create or replace function sluice.record_batch(batch jsonb) returns jsonb language plpgsql
  security definer set search_path = pg_catalog, pg_temp
  set enable_seqscan = off set enable_bitmapscan = off set plan_cache_mode = force_generic_plan as $$
declare
  tenants constant text[] := sluice.tenants_of_login();
  forbidden integer := 0;
  exposures record;
  outcomes record;
begin
  if tenants is not null then
    forbidden := jsonb_array_length(coalesce(batch -> 'exposures', '[]'))
      + jsonb_array_length(coalesce(batch -> 'outcomes', '[]'));
    batch := sluice.batch_of_tenants(batch, tenants);
    forbidden := forbidden - jsonb_array_length(batch -> 'exposures') - jsonb_array_length(batch -> 'outcomes');
  end if;
  if jsonb_array_length(coalesce(batch -> 'exposures', '[]')) > 0 then
    select * into exposures from sluice.record_exposures(batch -> 'exposures');
  else
    select 0::bigint as exposed, 0::bigint as refused into exposures;
  end if;
  if jsonb_array_length(coalesce(batch -> 'outcomes', '[]')) > 0 then
    select * into outcomes from sluice.record_outcomes(batch -> 'outcomes');
  else
    select 0::bigint as inserted, 0::bigint as joined, 0::bigint as late, 0::bigint as refused_values into outcomes;
  end if;
  return jsonb_build_object('exposures', exposures.exposed, 'refusedExposures', exposures.refused,
    'outcomes', outcomes.inserted, 'joined', outcomes.joined, 'late', outcomes.late,
    'refusedValues', outcomes.refused_values)
    || case when forbidden > 0 then jsonb_build_object('forbidden', forbidden) else '{}' end;
end $$;
-- With its owner's rights: a service may call it, and write nothing else.
revoke all on function sluice.record_batch(jsonb) from public;
