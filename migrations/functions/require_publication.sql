-- What a repository says of its environments and prompts changes with an entry in the audit log, or not at all: whoever may
-- write these tables takes no order away unseen. Looked at when the transaction ends.
create or replace function sluice.require_publication() returns trigger language plpgsql
  security definer set search_path = pg_catalog, pg_temp as $$
declare
  changed text := case when tg_op = 'DELETE' then old.repository else new.repository end;
begin
  -- Who appends to the chain holds it until the end: this transaction's entries are the newest of it.
  if not exists (
    select from (select action, details, xmin as written_by from sluice.audit where prompt = '' order by seq desc limit 10) a
    where a.action in ('manifest_published', 'manifest_forgotten')
      and a.details ->> 'repository' = changed and a.written_by = pg_current_xact_id()::xid
  ) then
    raise exception 'sluice.%: % changed without an entry in sluice.audit', tg_table_name, changed
      using errcode = 'restrict_violation';
  end if;
  return null;
end $$;
drop trigger if exists manifests_audited on sluice.manifests;
create constraint trigger manifests_audited after insert or update or delete on sluice.manifests
  deferrable initially deferred for each row execute function sluice.require_publication();
drop trigger if exists environments_audited on sluice.environments;
create constraint trigger environments_audited after insert or update or delete on sluice.environments
  deferrable initially deferred for each row execute function sluice.require_publication();
drop trigger if exists manifest_prompts_audited on sluice.manifest_prompts;
create constraint trigger manifest_prompts_audited after insert or update or delete on sluice.manifest_prompts
  deferrable initially deferred for each row execute function sluice.require_publication();
