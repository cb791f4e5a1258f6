-- A key, {id, name, role, grants, owner, expiresInMs}, that can do no more than that of the admin whom the transaction
-- acts for (42501). One of this id is left as it is.
create or replace function sluice.create_key(key jsonb, proof_sha256 bytea) returns void language plpgsql
  security definer set search_path = pg_catalog, pg_temp as $$
declare
  admin sluice.keys := sluice.granting_admin(key -> 'grants');
begin
  insert into sluice.keys (id, proof_sha256, name, role, grants, owner, created_by, expires_at)
  values (key ->> 'id', create_key.proof_sha256, key ->> 'name', key ->> 'role', key -> 'grants', key ->> 'owner',
          admin.owner, clock_timestamp() + (key ->> 'expiresInMs')::double precision * interval '1 millisecond')
  on conflict (id) do nothing;
end $$;
revoke all on function sluice.create_key(jsonb, bytea) from public;
