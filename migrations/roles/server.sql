-- The HTTP server: checks keys, and changes what their owners ask for, in their names. What a key proves is nobody's to
-- read or to write.
grant usage on schema sluice to sluice_server;
grant select on all tables in schema sluice to sluice_server;
grant execute on function sluice.browser_key(text), sluice.check_key(text, bytea), sluice.act_as(text, bytea) to sluice_server;
grant execute on function sluice.record_batch(jsonb), sluice.report_serving(jsonb), sluice.exchange_circuits(jsonb) to sluice_server;
grant execute on function sluice.record_langfuse(jsonb, integer), sluice.settle_langfuse(integer), sluice.note_langfuse_read(text) to sluice_server;
grant execute on function sluice.list_keys(), sluice.create_key(jsonb, bytea), sluice.end_key(text, text, double precision) to sluice_server;
grant execute on function sluice.add_trust_rule(jsonb), sluice.remove_trust_rule(text) to sluice_server;
grant execute on function sluice.open_workload_session(text, bytea, jsonb, text), sluice.open_person_session(text, bytea, jsonb, bytea) to sluice_server;
grant execute on function sluice.open_key_session(text, bytea), sluice.renew_session(text, bytea, text, bytea), sluice.end_session(text, bytea) to sluice_server;
grant execute on function sluice.list_sessions(), sluice.end_listed_session(text) to sluice_server;
grant execute on function sluice.claim_role_reading(text, bytea), sluice.keep_role(text, bytea, jsonb, bytea) to sluice_server;
grant insert on sluice.audit, sluice.operations, sluice.pointers, sluice.prompts, sluice.versions, sluice.documents, sluice.labels, sluice.rollouts, sluice.rollout_metrics, sluice.rollout_segments, sluice.ledger_steps, sluice.approvals, sluice.evaluations, sluice.drafts, sluice.draft_revisions to sluice_server;
grant update, delete on sluice.drafts, sluice.draft_revisions to sluice_server;
grant insert, delete on sluice.environments, sluice.manifest_prompts to sluice_server;
grant insert, update on sluice.manifests, sluice.deliveries to sluice_server;
grant delete on sluice.manifests to sluice_server;
grant insert, update, delete on sluice.daily_spending to sluice_server;
grant update (reason, ended_at, temporal_namespace_id) on sluice.evaluations to sluice_server;
grant update (status, error, resolved_by, resolution, resolved_at) on sluice.dead_letters to sluice_server;
grant update (decision, comment, decided_at) on sluice.approvals to sluice_server;
grant update (request_sha256, outcome) on sluice.operations to sluice_server;
grant update on sluice.pointers to sluice_server;
grant update (description, tags, policy_sha256) on sluice.prompts to sluice_server;
grant update (protected, on_direct_move, from_label, live_for_ms, updated_at) on sluice.labels to sluice_server;
grant update (run_id, missing_since, decision_version, outcome, reason, phase, share, paused, waiting_for, ended_at, updated_at) on sluice.rollouts to sluice_server;
grant execute on function sluice.environment_problem(text, text, text, text, uuid, timestamptz), sluice.owner_problem(text, text), sluice.promotion_problem(text, text, text, text, uuid, uuid) to sluice_server;
revoke all on sluice.keys, sluice.sessions, sluice.used_tokens, sluice.acting from sluice_server;
