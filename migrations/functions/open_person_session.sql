-- Opens a session for a person whom the caller has identified, by an issuer's token (`person`: 7 days) or by what a
-- proxy said (`proxy`: 15 minutes). Who it is and what they may do is the word of the caller's login.
create or replace function sluice.open_person_session(
  session_id text, proof_sha256 bytea, person jsonb, sealed_tokens bytea
) returns void language plpgsql
  security definer set search_path = pg_catalog, pg_temp as $$
begin
  delete from sluice.sessions s where s.expires_at < clock_timestamp() - interval '1 day';
  insert into sluice.sessions (id, proof_sha256, kind, name, about, role, grants, sealed_tokens, expires_at)
  values (session_id, open_person_session.proof_sha256, person ->> 'kind', person ->> 'name',
    coalesce(person -> 'about', '{}'), person ->> 'role', person -> 'grants', open_person_session.sealed_tokens,
    clock_timestamp() + case person ->> 'kind' when 'proxy' then interval '15 minutes' else interval '7 days' end);
end $$;
revoke all on function sluice.open_person_session(text, bytea, jsonb, bytea) from public;
