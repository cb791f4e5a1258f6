-- The sessions that are still good, with what each may do as it is now: what `find_credential` lets in. For a login
-- that may read them, and for what may say of them more to others.
create or replace function sluice.good_sessions() returns table (
  id text, kind text, name text, about jsonb, key_id text, role text, grants jsonb, opened_at timestamptz,
  used_at timestamptz, expires_at timestamptz
) language sql stable set search_path = pg_catalog, pg_temp as $$
  select s.id, s.kind, s.name, s.about, s.key_id, coalesce(k.role, s.role), coalesce(k.grants, s.grants), s.opened_at,
    s.used_at, least(s.expires_at, k.expires_at,
      case when s.kind in ('key', 'person') then s.used_at + interval '12 hours' end)
  from sluice.sessions s left join sluice.keys k on k.id = s.key_id
  where s.ended_at is null and k.revoked_at is null
    and least(s.expires_at, k.expires_at,
      case when s.kind in ('key', 'person') then s.used_at + interval '12 hours' end) > clock_timestamp()
$$;
revoke all on function sluice.good_sessions() from public;
