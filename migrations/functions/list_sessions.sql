-- The sessions that the admin whom the transaction acts for may know of: those that can do no more than their key.
create or replace function sluice.list_sessions() returns table (
  id text, kind text, name text, about jsonb, key_id text, role text, grants jsonb, opened_at timestamptz,
  used_at timestamptz, expires_at timestamptz
) language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
  admin sluice.keys := sluice.acting_admin();
begin
  return query select * from sluice.good_sessions() g where sluice.covers_grants(admin.grants, g.grants);
end $$;
revoke all on function sluice.list_sessions() from public;
