-- Why a version may not be made live in a scope yet, as of a moment: the environment that the scope is takes only what has
-- been live in another one for long enough. Null: nothing stands in the way. A scope of the label that no environment
-- names itself is held to all that the label's environments ask, or a narrower scope would be a way around them. What the
-- label itself asks comes on top.
create or replace function sluice.environment_problem(
  at_label text, at_prompt text, at_model text, at_tenant text, version uuid, as_of timestamptz
) returns text language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
  wanted record;
  place record;
  since timestamptz;
  named text;
  of_prompt text;
begin
  select v.prompt, v.prompt || '@' || v.number into of_prompt, named from sluice.versions v where v.id = version;
  for wanted in
    select e.repository, e.name, e.from_environment, e.live_for_ms
    from sluice.manifest_prompts p join sluice.environments e on e.repository = p.repository
    where p.prompt = of_prompt and e.label = at_label and e.from_environment is not null
      and ((e.model = at_model and e.tenant = at_tenant) or not exists (
        select from sluice.environments x where x.repository = e.repository and x.label = at_label
          and x.model = at_model and x.tenant = at_tenant))
    order by e.live_for_ms desc
  loop
    for place in
      select e.label, e.model, e.tenant from sluice.environments e
      where e.repository = wanted.repository and e.name = wanted.from_environment
    loop
      since := sluice.live_since(place.label, of_prompt, place.model, place.tenant, version, as_of);
      if since is null then
        return format('%s takes only what is live in %s first, and %s is not', wanted.name, wanted.from_environment, named);
      end if;
      if since + wanted.live_for_ms * interval '1 millisecond' > as_of then
        return format('%s takes only what has been live in %s for long enough: %s may go there from %s on', wanted.name,
          wanted.from_environment, named, to_char(
            (since + wanted.live_for_ms * interval '1 millisecond') at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'));
      end if;
    end loop;
  end loop;
  return sluice.label_problem(at_label, at_model, at_tenant, version, as_of);
end $$;
-- It reads with its owner's rights what services may not.
revoke all on function sluice.environment_problem(text, text, text, text, uuid, timestamptz) from public;
