-- Numbers, stamps and chains an entry, whoever writes it and whatever was written. With its owner's rights: the
-- heads are nobody else's to write.
create or replace function sluice.chain_audit() returns trigger language plpgsql
  security definer set search_path = pg_catalog, pg_temp as $$
declare
  head sluice.audit_heads;
begin
  insert into sluice.audit_heads (prompt, seq, hash) values (new.prompt, 0, repeat('0', 64))
    on conflict (prompt) do nothing;
  select * into head from sluice.audit_heads where prompt = new.prompt for update;
  new.seq := head.seq + 1;
  new.at := clock_timestamp();
  new.actor := session_user;
  new.principal := sluice.acting_principal();
  new.previous_hash := head.hash;
  new.hash := sluice.audit_hash(new);
  update sluice.audit_heads set seq = new.seq, hash = new.hash where prompt = new.prompt;
  return new;
end $$;
create or replace trigger audit_chained before insert on sluice.audit
  for each row execute function sluice.chain_audit();
