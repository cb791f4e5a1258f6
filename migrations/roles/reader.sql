-- Somebody who looks.
grant usage on schema sluice to sluice_reader;
grant select on all tables in schema sluice to sluice_reader;
grant execute on function sluice.environment_problem(text, text, text, text, uuid, timestamptz), sluice.owner_problem(text, text), sluice.promotion_problem(text, text, text, text, uuid, uuid) to sluice_reader;
revoke all on sluice.keys, sluice.sessions, sluice.used_tokens, sluice.acting from sluice_reader;
