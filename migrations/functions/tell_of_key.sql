-- Servers remember a checked key for a moment; this makes them forget it at once.
create or replace function sluice.tell_of_key() returns trigger language plpgsql
  security definer set search_path = pg_catalog, pg_temp as $$
begin
  if (new.role, new.grants, new.expires_at, new.revoked_at)
     is distinct from (old.role, old.grants, old.expires_at, old.revoked_at) then
    perform pg_notify('sluice_keys', new.id);
  end if;
  return null;
end $$;
create or replace trigger keys_told after update on sluice.keys
  for each row execute function sluice.tell_of_key();
