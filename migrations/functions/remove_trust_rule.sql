-- Removes a rule that can do no more than the admin whom the transaction acts for, and ends the sessions that it has
-- opened. False where there is none of this name that they may know of.
create or replace function sluice.remove_trust_rule(rule_name text) returns boolean language plpgsql
  security definer set search_path = pg_catalog, pg_temp as $$
declare
  admin sluice.keys := sluice.acting_admin();
begin
  delete from sluice.trust_rules r where r.name = rule_name and sluice.covers_grants(admin.grants, r.grants);
  return found;
end $$;
revoke all on function sluice.remove_trust_rule(text) from public;
