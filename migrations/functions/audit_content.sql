-- What the hash of an entry is of: every column but the hash itself, times in UTC microseconds. Whoever has this text
-- can check the hash without a database: sha256(text). An entry that proves nobody has the text that it always had.
create or replace function sluice.audit_content(entry sluice.audit) returns text language sql stable as $$
  select (jsonb_build_array(
    entry.prompt, entry.seq, (extract(epoch from entry.at) * 1000000)::bigint, entry.actor, entry.asserted_actor,
    entry.action, entry.label, entry.model, entry.tenant, entry.rollout_id, entry.operation_id,
    entry.from_version, entry.to_version, entry.revision, entry.reason, entry.details, entry.previous_hash
  ) || case when entry.principal is null then '[]'::jsonb
            else jsonb_build_array(entry.principal) end)::text
$$;
