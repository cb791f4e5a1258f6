-- The hash of an entry covers every column but itself, times in UTC microseconds, so any edit shows. An entry that
-- proves nobody has the hash that it always had.
create or replace function sluice.audit_hash(entry sluice.audit) returns text language sql stable as $$
  select encode(sha256(convert_to((jsonb_build_array(
    entry.prompt, entry.seq, (extract(epoch from entry.at) * 1000000)::bigint, entry.actor, entry.asserted_actor,
    entry.action, entry.label, entry.model, entry.tenant, entry.rollout_id, entry.operation_id,
    entry.from_version, entry.to_version, entry.revision, entry.reason, entry.details, entry.previous_hash
  ) || case when entry.principal is null then '[]'::jsonb
            else jsonb_build_array(entry.principal) end)::text, 'UTF8')), 'hex')
$$;
