-- The same key as acting_admin, where it has all that it is to grant; 42501 where it has not.
create or replace function sluice.granting_admin(grants jsonb) returns sluice.keys language plpgsql stable
  security definer set search_path = pg_catalog, pg_temp as $$
declare
  admin sluice.keys := sluice.acting_admin();
begin
  if not sluice.covers_grants(admin.grants, granting_admin.grants) then
    raise exception 'a key cannot grant more than it has' using errcode = '42501';
  end if;
  return admin;
end $$;
revoke all on function sluice.granting_admin(jsonb) from public;
