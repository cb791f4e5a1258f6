-- Adds a rule on which CI jobs to trust, {name, platform, issuer, match, role, grants}, for the admin whom the
-- transaction acts for; it can do no more than theirs (42501). False where there is one of this name.
create or replace function sluice.add_trust_rule(rule jsonb) returns boolean language plpgsql
  security definer set search_path = pg_catalog, pg_temp as $$
declare
  admin sluice.keys := sluice.granting_admin(rule -> 'grants');
begin
  insert into sluice.trust_rules (name, platform, issuer, match, role, grants, created_by)
  values (rule ->> 'name', rule ->> 'platform', rule ->> 'issuer', rule -> 'match', rule ->> 'role', rule -> 'grants',
    admin.owner)
  on conflict (name) do nothing;
  return found;
end $$;
revoke all on function sluice.add_trust_rule(jsonb) from public;
