-- From here to its end, this transaction acts for the key or the session whose proof (the SHA-256 of its secret) is
-- shown. What it writes to the audit log then names whoever holds it, and nothing else can make it do so: the table
-- that says whom a transaction acts for is written here alone. 28000 where there is no such key or session, or it is
-- no longer good.
create or replace function sluice.act_as(key_id text, proof bytea) returns void language plpgsql
  security definer set search_path = pg_catalog, pg_temp as $$
declare
  found_principal jsonb := sluice.find_credential(key_id, proof) -> 'principal';
begin
  if found_principal is null then
    raise exception 'there is no such key, or it is no longer good' using errcode = '28000';
  end if;
  insert into sluice.acting (pid, xid, principal)
  values (pg_backend_pid(), pg_current_xact_id(), found_principal)
  on conflict (pid) do update set xid = excluded.xid, principal = excluded.principal;
end $$;
revoke all on function sluice.act_as(text, bytea) from public;
