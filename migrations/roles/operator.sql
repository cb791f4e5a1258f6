-- An operator: pushes versions, applies commits, starts rollouts, rolls back, moves pointers by hand, approves and rejects,
-- names anchors, archives prompts.
grant usage on schema sluice to sluice_operator;
grant select on all tables in schema sluice to sluice_operator;
grant insert on sluice.audit, sluice.operations, sluice.pointers, sluice.approvals, sluice.ledger_steps to sluice_operator;
grant insert on sluice.prompts, sluice.versions, sluice.documents, sluice.rollouts, sluice.rollout_metrics, sluice.rollout_segments to sluice_operator;
grant insert, update (place, written_at) on sluice.contents to sluice_operator;
grant insert, delete on sluice.environments, sluice.manifest_prompts to sluice_operator;
grant insert, update, delete on sluice.manifests to sluice_operator;
grant insert, update on sluice.deliveries to sluice_operator;
grant insert on sluice.propagations, sluice.propagation_steps to sluice_operator;
grant update (ended_at, reason, updated_at) on sluice.propagations to sluice_operator;
grant update (outcome) on sluice.operations to sluice_operator;
grant update on sluice.pointers to sluice_operator;
grant update (description, tags, policy_sha256) on sluice.prompts to sluice_operator;
grant update (run_id, missing_since, outcome, reason, phase, share, paused, waiting_for, ended_at, updated_at) on sluice.rollouts to sluice_operator;
grant update (decision, comment, decided_at) on sluice.approvals to sluice_operator;
grant insert, update on sluice.monitors to sluice_operator;
grant update (acked_by, acked_at) on sluice.alerts to sluice_operator;
grant update (archived_at) on sluice.prompts to sluice_operator;
grant execute on function sluice.exchange_circuits(jsonb), sluice.spent_budgets() to sluice_operator;
grant execute on function sluice.environment_problem(text, text, text, text, uuid, timestamptz), sluice.owner_problem(text, text), sluice.promotion_problem(text, text, text, text, uuid, uuid) to sluice_operator;
revoke all on sluice.keys, sluice.sessions, sluice.used_tokens, sluice.acting from sluice_operator;
-- Connections are kept for it where the cluster has reserved some (Postgres 16, and a login that may grant this).
do $$ begin grant pg_use_reserved_connections to sluice_operator;
exception when undefined_object or insufficient_privilege then null; end $$;
