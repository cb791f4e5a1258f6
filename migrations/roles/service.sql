-- A service: reads what is live, records, and says what it serves. Nothing else, and nothing under another name.
grant usage on schema sluice to sluice_service;
grant select on sluice.pointers, sluice.versions to sluice_service;
grant execute on function sluice.record_batch(jsonb), sluice.report_serving(jsonb), sluice.exchange_circuits(jsonb), sluice.report_callers(jsonb), sluice.spent_budgets() to sluice_service;
