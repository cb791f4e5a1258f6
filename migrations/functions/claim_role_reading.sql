-- The issuer's tokens of a person's session whose role was read a quarter of an hour ago or longer, for whoever shows
-- the session and is the first to ask its issuer again; whoever comes within half a minute gets null, as anybody else.
create or replace function sluice.claim_role_reading(session_id text, proof bytea) returns bytea language plpgsql
  security definer set search_path = pg_catalog, pg_temp as $$
declare
  tokens bytea;
begin
  update sluice.sessions s set reading_since = clock_timestamp()
  where s.id = session_id and s.proof_sha256 = sha256(proof) and s.kind = 'person' and s.ended_at is null
    and s.roles_read_at <= clock_timestamp() - interval '15 minutes'
    and (s.reading_since is null or s.reading_since < clock_timestamp() - interval '30 seconds')
  returning coalesce(s.sealed_tokens, ''::bytea) into tokens;
  return tokens;
end $$;
revoke all on function sluice.claim_role_reading(text, bytea) from public;
