-- Servers remember a checked session for a moment; this makes them forget it at once.
create or replace function sluice.tell_of_session() returns trigger language plpgsql
  security definer set search_path = pg_catalog, pg_temp as $$
begin
  if old.expires_at > clock_timestamp()
     and (new.role, new.grants, new.ended_at) is distinct from (old.role, old.grants, old.ended_at) then
    perform pg_notify('sluice_keys', old.id);
  end if;
  return null;
end $$;
create or replace trigger sessions_told after update or delete on sluice.sessions
  for each row execute function sluice.tell_of_session();
