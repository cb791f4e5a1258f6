-- The same for the end of a rollout. What could go there when the rollout began may still, whatever has followed it in
-- the environment before meanwhile, unless it was taken back there.
create or replace function sluice.promotion_problem(
  at_label text, at_prompt text, at_model text, at_tenant text, version uuid, rollout uuid
) returns text language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
  problem text := sluice.environment_problem(at_label, at_prompt, at_model, at_tenant, version, clock_timestamp());
  began timestamptz;
begin
  if problem is null then return null; end if;
  select r.started_at into began from sluice.rollouts r where r.id = rollout and r.candidate_version = version;
  if began is null or sluice.environment_problem(at_label, at_prompt, at_model, at_tenant, version, began) is not null then
    return problem;
  end if;
  if exists (
    select from sluice.audit a
    join sluice.manifest_prompts p on p.prompt = a.prompt
    join sluice.environments here on here.repository = p.repository and here.label = at_label
    join sluice.environments e on e.repository = p.repository and e.name = here.from_environment
      and e.label = a.label and e.model = a.model and e.tenant = a.tenant
    where a.action = 'rolled_back' and a.from_version = version and a.at > began
  ) or exists (
    select from sluice.labels l join sluice.audit a on a.label = l.from_label
    where l.label = at_label and a.action = 'rolled_back' and a.from_version = version and a.at > began
      and a.model in (at_model, '') and a.tenant in (at_tenant, '')
  ) then
    return problem;
  end if;
  return null;
end $$;
-- It reads with its owner's rights what services may not.
revoke all on function sluice.promotion_problem(text, text, text, text, uuid, uuid) from public;
