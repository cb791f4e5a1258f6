-- Opens a session of 15 minutes for a CI job whose token the caller has verified, by the rule that all of the token's
-- claims fit, or the rule of this name. {outcome: opened, rule, role, grants, name, expiresInMs}, or why there is none:
-- {outcome: used} (each token opens one session), {outcome: no_rule}, {outcome: many_rules, rules}. A job that runs a
-- pull request's text gets no more than an editor, whatever the rule says.
create or replace function sluice.open_workload_session(
  session_id text, proof_sha256 bytea, claims jsonb, rule_name text
) returns jsonb language plpgsql
  security definer set search_path = pg_catalog, pg_temp as $$
declare
  fitting sluice.trust_rules[];
  rule sluice.trust_rules;
  is_foreign_text boolean := coalesce(claims ->> 'event_name', '') like 'pull\_request%'
    or coalesce(claims ->> 'pipeline_source', '') in ('merge_request_event', 'external_pull_request_event');
  session_role text;
  session_grants jsonb;
  session_name text;
begin
  select array_agg(r order by r.name) into fitting from sluice.trust_rules r
  where r.issuer = claims ->> 'iss' and claims @> r.match and (rule_name is null or r.name = rule_name);
  if fitting is null then return jsonb_build_object('outcome', 'no_rule'); end if;
  if cardinality(fitting) > 1 then
    return jsonb_build_object('outcome', 'many_rules', 'rules', (select jsonb_agg(f.name) from unnest(fitting) f));
  end if;
  rule := fitting[1];
  delete from sluice.used_tokens u where u.used_at < clock_timestamp() - interval '1 hour';
  insert into sluice.used_tokens (issuer, jti) values (claims ->> 'iss', claims ->> 'jti') on conflict do nothing;
  if not found then return jsonb_build_object('outcome', 'used'); end if;
  session_role := case when is_foreign_text and rule.role = 'releaser' then 'editor' else rule.role end;
  session_grants := case when is_foreign_text then rule.grants - 'force' else rule.grants end;
  -- By the id that is never given to another one.
  session_name := case rule.platform
    when 'github' then 'repository:' || (claims ->> 'repository_id')
    else 'project:' || (claims ->> 'project_id') end || '@' || regexp_replace(rule.issuer, '^https?://', '');
  delete from sluice.sessions s where s.expires_at < clock_timestamp() - interval '1 day';
  insert into sluice.sessions (id, proof_sha256, kind, trust_rule, name, about, role, grants, expires_at)
  values (session_id, open_workload_session.proof_sha256, 'workload', rule.name, session_name,
    jsonb_strip_nulls(jsonb_build_object('subject', claims ->> 'sub', 'rule', rule.name,
      'run', coalesce(claims ->> 'run_id', claims ->> 'pipeline_id'))),
    session_role, session_grants, clock_timestamp() + interval '15 minutes');
  return jsonb_build_object('outcome', 'opened', 'rule', rule.name, 'role', session_role, 'grants', session_grants,
    'name', session_name, 'expiresInMs', 15 * 60 * 1000);
end $$;
revoke all on function sluice.open_workload_session(text, bytea, jsonb, text) from public;
