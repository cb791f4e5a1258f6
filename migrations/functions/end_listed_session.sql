-- Ends a session that the admin whom the transaction acts for may know of. False where there is no such session that is
-- still good.
create or replace function sluice.end_listed_session(session_id text) returns boolean language plpgsql
  security definer set search_path = pg_catalog, pg_temp as $$
begin
  if not exists (select from sluice.list_sessions() l where l.id = session_id) then return false; end if;
  update sluice.sessions s set ended_at = clock_timestamp(), sealed_tokens = null
  where s.id = session_id and s.ended_at is null;
  return found;
end $$;
revoke all on function sluice.end_listed_session(text) from public;
