-- A key that is good and may send scores from browsers, by its id alone, as check_key gives one that was shown; null where
-- there is none. It proves nobody, so nothing is done in anybody's name with it.
create or replace function sluice.browser_key(key_id text) returns jsonb language sql stable
  security definer set search_path = pg_catalog, pg_temp as $$
  select jsonb_build_object('id', k.id, 'kind', 'key', 'account', k.id, 'name', k.name, 'role', k.role,
    'grants', k.grants, 'owner', k.owner, 'session', false,
    'expiresInMs', extract(epoch from k.expires_at - clock_timestamp()) * 1000)
  from sluice.keys k
  where k.id = key_id and k.grants -> 'browserScores' = 'true' and k.revoked_at is null
    and (k.expires_at is null or k.expires_at > clock_timestamp())
$$;
revoke all on function sluice.browser_key(text) from public;
