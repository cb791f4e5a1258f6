-- What may be done with the key or the session whose proof (the SHA-256 of its secret) is shown, or null where there
-- is no such thing. When it was last used is kept to the minute.
create or replace function sluice.check_key(key_id text, proof bytea) returns jsonb language plpgsql
  security definer set search_path = pg_catalog, pg_temp as $$
declare
  found_credential jsonb := sluice.find_credential(key_id, proof);
begin
  if found_credential is null then return null; end if;
  if (found_credential ->> 'session')::boolean then
    update sluice.sessions s set used_at = clock_timestamp()
    where s.id = check_key.key_id and s.used_at < clock_timestamp() - interval '1 minute';
  else
    update sluice.keys k set last_used_at = clock_timestamp()
    where k.id = check_key.key_id
      and (k.last_used_at is null or k.last_used_at < clock_timestamp() - interval '1 minute');
  end if;
  return found_credential - 'principal';
end $$;
revoke all on function sluice.check_key(text, bytea) from public;
