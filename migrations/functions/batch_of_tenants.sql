-- What of a batch a login of these tenants may report: outcomes of its tenants alone, and exposures and outcomes of no
-- rollout that is another tenant's. A rollout for everybody is about their units too.
create or replace function sluice.batch_of_tenants(batch jsonb, tenants text[]) returns jsonb language sql stable
  set search_path = pg_catalog, pg_temp as $$
  select jsonb_build_object(
    'exposures', (
      select coalesce(jsonb_agg(e.one order by e.place), '[]')
      from jsonb_array_elements(coalesce(batch -> 'exposures', '[]')) with ordinality as e(one, place)
      join sluice.rollouts r on r.id = (e.one ->> 'rollout')::uuid
      where (r.tenant = '' or r.tenant = any (tenants))
        and coalesce(e.one #>> '{segments,tenant}', '') = any (tenants || ''::text)),
    'outcomes', (
      select coalesce(jsonb_agg(o.one order by o.place), '[]')
      from jsonb_array_elements(coalesce(batch -> 'outcomes', '[]')) with ordinality as o(one, place)
      left join sluice.rollouts r on r.id = (o.one ->> 'rollout')::uuid
      where o.one ->> 'tenant' = any (tenants)
        and (o.one ->> 'rollout' is null or r.tenant = '' or r.tenant = any (tenants))))
$$;
revoke all on function sluice.batch_of_tenants(jsonb, text[]) from public;
