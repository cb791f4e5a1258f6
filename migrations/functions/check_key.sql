-- What the key may do whose proof (the SHA-256 of its secret) is shown, or null where there is no such key. When a
-- key was last used is kept to the minute.
create or replace function sluice.check_key(key_id text, proof bytea) returns jsonb language plpgsql
  security definer set search_path = pg_catalog, pg_temp as $$
declare
  found_key sluice.keys;
begin
  select * into found_key from sluice.keys k
  where k.id = key_id and k.proof_sha256 = sha256(proof) and k.revoked_at is null
    and (k.expires_at is null or k.expires_at > clock_timestamp());
  if not found then return null; end if;
  update sluice.keys k set last_used_at = clock_timestamp()
  where k.id = key_id
    and (k.last_used_at is null or k.last_used_at < clock_timestamp() - interval '1 minute');
  return jsonb_build_object('id', found_key.id, 'name', found_key.name, 'role', found_key.role,
    'grants', found_key.grants, 'owner', found_key.owner,
    'expiresInMs', extract(epoch from found_key.expires_at - clock_timestamp()) * 1000);
end $$;
revoke all on function sluice.check_key(text, bytea) from public;
