-- Since when a scope had served a version without a break, as of a moment; null: it did not serve it then. By the audit
-- log, in which every move is.
create or replace function sluice.live_since(
  at_label text, at_prompt text, at_model text, at_tenant text, version uuid, as_of timestamptz
) returns timestamptz language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  with moves as (
    select a.revision, a.at, a.to_version
    from sluice.audit a
    where a.prompt = at_prompt and a.label = at_label and a.model = at_model and a.tenant = at_tenant
      and a.revision is not null and a.action not in ('rollout_started', 'stage_opened')
      and coalesce(a.details ->> 'anyPrompt', '') <> 'true' and a.at <= as_of
  )
  select min(m.at) from moves m
  where m.to_version = version
    and m.revision > coalesce((select max(o.revision) from moves o where o.to_version is distinct from version), 0)
$$;
-- It reads with its owner's rights what services may not.
revoke all on function sluice.live_since(text, text, text, text, uuid, timestamptz) from public;
