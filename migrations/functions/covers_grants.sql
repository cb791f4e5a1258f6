-- Whether all that the narrower grants allow is allowed by the wider ones too.
create or replace function sluice.covers_grants(wider jsonb, narrower jsonb) returns boolean language sql immutable
  set search_path = pg_catalog, pg_temp as $$
  select (wider -> 'labels' is null or coalesce(narrower -> 'labels' <@ (wider -> 'labels'), false))
    and (wider -> 'tenants' is null or coalesce(narrower -> 'tenants' <@ (wider -> 'tenants'), false))
    and (wider -> 'prompts' is null or (narrower -> 'prompts' is not null and not exists (
      select from jsonb_array_elements_text(narrower -> 'prompts') n where not exists (
        select from jsonb_array_elements_text(wider -> 'prompts') w
        where n = w or (w like '%/' and starts_with(n, w))))))
$$;
