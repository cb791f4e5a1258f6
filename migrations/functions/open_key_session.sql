-- Opens a session of 7 days at most for whoever the present transaction acts for by a key. 42501 where it has shown
-- none, or a session: one session does not open another.
create or replace function sluice.open_key_session(session_id text, proof_sha256 bytea) returns void language plpgsql
  security definer set search_path = pg_catalog, pg_temp as $$
declare
  principal jsonb := sluice.acting_principal();
begin
  if principal is null or principal ->> 'kind' <> 'key' or principal ? 'session' then
    raise exception 'a session is opened with a key' using errcode = '42501';
  end if;
  delete from sluice.sessions s where s.expires_at < clock_timestamp() - interval '1 day';
  insert into sluice.sessions (id, proof_sha256, kind, key_id, name, expires_at)
  values (session_id, open_key_session.proof_sha256, 'key', principal ->> 'id', principal ->> 'name',
    clock_timestamp() + interval '7 days');
end $$;
revoke all on function sluice.open_key_session(text, bytea) from public;
