-- The key of the admin whom the present transaction has proven to act for, by showing it or a session that was opened
-- with it. 42501 where it acts for no such key: who a person or a CI job is, a server says, and might say of anybody.
create or replace function sluice.acting_admin() returns sluice.keys language plpgsql stable
  security definer set search_path = pg_catalog, pg_temp as $$
declare
  found_key sluice.keys;
begin
  select k.* into found_key from sluice.keys k
  where k.id = sluice.acting_principal() ->> 'id' and sluice.acting_principal() ->> 'kind' = 'key'
    and k.role = 'admin' and k.revoked_at is null
    and (k.expires_at is null or k.expires_at > clock_timestamp());
  if not found then
    raise exception 'keys are administered with the key of an admin' using errcode = '42501';
  end if;
  return found_key;
end $$;
revoke all on function sluice.acting_admin() from public;
