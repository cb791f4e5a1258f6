-- Ends the session whose proof (the SHA-256 of its secret) is shown. False where there is none that is still good.
create or replace function sluice.end_session(session_id text, proof bytea) returns boolean language plpgsql
  security definer set search_path = pg_catalog, pg_temp as $$
begin
  update sluice.sessions s set ended_at = clock_timestamp(), sealed_tokens = null
  where s.id = session_id and s.proof_sha256 = sha256(proof) and s.ended_at is null
    and s.expires_at > clock_timestamp();
  return found;
end $$;
revoke all on function sluice.end_session(text, bytea) from public;
