-- What stands behind the id and the proof (the SHA-256 of the secret) that were shown: a key, or a session, which ends
-- after 12 hours without use where a person holds it, and with the key that it was opened with. Null where there is no
-- such thing, or it is no longer good. `account` is the same for all that one key, person or job shows; `principal` is
-- what the audit log is told.
create or replace function sluice.find_credential(shown_id text, proof bytea) returns jsonb language sql stable
  security definer set search_path = pg_catalog, pg_temp as $$
  select jsonb_build_object('id', k.id, 'kind', 'key', 'account', k.id, 'name', k.name, 'role', k.role,
    'grants', k.grants, 'owner', k.owner, 'session', false,
    'expiresInMs', extract(epoch from k.expires_at - clock_timestamp()) * 1000,
    'principal', jsonb_build_object('kind', 'key', 'id', k.id, 'name', k.owner, 'by', session_user))
  from sluice.keys k
  where k.id = shown_id and k.proof_sha256 = sha256(proof) and k.revoked_at is null
    and (k.expires_at is null or k.expires_at > clock_timestamp())
  union all
  select jsonb_build_object('id', s.id, 'kind', s.kind, 'account', coalesce(k.id, s.kind || ' ' || s.name),
    'name', coalesce(k.name, s.about ->> 'email', s.about ->> 'subject', s.name),
    'role', coalesce(k.role, s.role), 'grants', coalesce(k.grants, s.grants), 'owner', s.name, 'session', true,
    'rolesAgeMs', case when s.kind = 'person' then extract(epoch from clock_timestamp() - s.roles_read_at) * 1000 end,
    'expiresInMs', extract(epoch from least(s.expires_at, k.expires_at,
      case when s.kind in ('key', 'person') then s.used_at + interval '12 hours' end) - clock_timestamp()) * 1000,
    'principal', s.about || jsonb_build_object('kind', s.kind, 'id', coalesce(k.id, s.id), 'name', s.name,
      'by', session_user) || case when k.id is null then '{}' else jsonb_build_object('session', s.id) end)
  from sluice.sessions s left join sluice.keys k on k.id = s.key_id
  where s.id = shown_id and s.proof_sha256 = sha256(proof) and s.ended_at is null
    and s.expires_at > clock_timestamp()
    and (s.kind not in ('key', 'person') or s.used_at > clock_timestamp() - interval '12 hours')
    and k.revoked_at is null and (k.expires_at is null or k.expires_at > clock_timestamp())
$$;
revoke all on function sluice.find_credential(text, bytea) from public;
