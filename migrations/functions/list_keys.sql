-- The keys that the admin whom the transaction acts for may know of: those that can do no more than theirs.
create or replace function sluice.list_keys() returns table (
  id text, name text, role text, grants jsonb, owner text, created_by text, created_at timestamptz,
  expires_at timestamptz, revoked_at timestamptz, replaced_by text, last_used_at timestamptz
) language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
  admin sluice.keys := sluice.acting_admin();
begin
  return query select k.id, k.name, k.role, k.grants, k.owner, k.created_by, k.created_at, k.expires_at, k.revoked_at,
      k.replaced_by, k.last_used_at
    from sluice.keys k where sluice.covers_grants(admin.grants, k.grants);
end $$;
revoke all on function sluice.list_keys() from public;
