-- From here to its end, this transaction acts for the key whose proof (the SHA-256 of its secret) is shown. What it
-- writes to the audit log then names the key, and nothing else can make it do so: the table that says whom a
-- transaction acts for is written here alone. 28000 where there is no such key, or it is no longer good.
create or replace function sluice.act_as(key_id text, proof bytea) returns void language plpgsql
  security definer set search_path = pg_catalog, pg_temp as $$
declare
  found_key sluice.keys;
begin
  select * into found_key from sluice.keys k
  where k.id = key_id and k.proof_sha256 = sha256(proof) and k.revoked_at is null
    and (k.expires_at is null or k.expires_at > clock_timestamp());
  if not found then
    raise exception 'there is no such key, or it is no longer good' using errcode = '28000';
  end if;
  insert into sluice.acting (pid, xid, principal)
  values (pg_backend_pid(), pg_current_xact_id(),
          jsonb_build_object('kind', 'key', 'id', found_key.id, 'name', found_key.owner, 'by', session_user))
  on conflict (pid) do update set xid = excluded.xid, principal = excluded.principal;
end $$;
revoke all on function sluice.act_as(text, bytea) from public;
