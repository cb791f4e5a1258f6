-- Gives a session that is still good another id and secret: whoever holds the old ones, as in a link that was printed,
-- can show them once. False where there is none, and for what was not opened with a key.
create or replace function sluice.renew_session(old_id text, proof bytea, new_id text, new_proof_sha256 bytea)
  returns boolean language plpgsql
  security definer set search_path = pg_catalog, pg_temp as $$
begin
  update sluice.sessions s set id = new_id, proof_sha256 = new_proof_sha256
  where s.id = old_id and s.proof_sha256 = sha256(proof) and s.kind = 'key' and s.ended_at is null
    and s.expires_at > clock_timestamp() and s.used_at > clock_timestamp() - interval '12 hours';
  return found;
end $$;
revoke all on function sluice.renew_session(text, bytea, text, bytea) from public;
