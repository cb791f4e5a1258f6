-- Whom the present transaction has proven to act for, or null.
create or replace function sluice.acting_principal() returns jsonb language sql stable
  security definer set search_path = pg_catalog, pg_temp as $$
  select a.principal from sluice.acting a
  where a.pid = pg_backend_pid() and a.xid = pg_current_xact_id_if_assigned()
$$;
