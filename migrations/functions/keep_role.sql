-- What a person may do by what the issuer has just said, for the session that is shown.
create or replace function sluice.keep_role(
  session_id text, proof bytea, person jsonb, sealed_tokens bytea
) returns void language plpgsql
  security definer set search_path = pg_catalog, pg_temp as $$
begin
  update sluice.sessions s set role = person ->> 'role', grants = person -> 'grants',
    about = coalesce(person -> 'about', '{}'), sealed_tokens = keep_role.sealed_tokens,
    roles_read_at = clock_timestamp(), reading_since = null
  where s.id = session_id and s.proof_sha256 = sha256(proof) and s.kind = 'person' and s.ended_at is null;
end $$;
revoke all on function sluice.keep_role(text, bytea, jsonb, bytea) from public;
