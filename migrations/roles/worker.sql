-- The worker.
grant usage on schema sluice to sluice_worker;
grant select, insert, update, delete on all tables in schema sluice to sluice_worker;
grant usage on all sequences in schema sluice to sluice_worker;
grant execute on all functions in schema sluice to sluice_worker;
revoke execute on function sluice.open_workload_session(text, bytea, jsonb, text), sluice.open_person_session(text, bytea, jsonb, bytea), sluice.keep_role(text, bytea, jsonb, bytea) from sluice_worker;
revoke all on sluice.keys, sluice.sessions, sluice.used_tokens, sluice.acting from sluice_worker;
revoke insert, update, delete on sluice.tenant_roles from sluice_worker;
