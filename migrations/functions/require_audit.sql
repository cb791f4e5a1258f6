-- A pointer moves by one revision at a time, and with an entry in the audit log that says so, or not at all: whoever
-- may write the table cannot move it unseen. Looked at when the transaction ends, so the order of its statements is
-- free. A lease alone is prolonged without either.
create or replace function sluice.require_audit() returns trigger language plpgsql
  security definer set search_path = pg_catalog, pg_temp as $$
declare
  before sluice.pointers;
begin
  if tg_op = 'UPDATE' then
    before := old;
    if (new.label, new.prompt, new.model, new.tenant) <> (old.label, old.prompt, old.model, old.tenant) then
      raise exception 'sluice.pointers: a pointer keeps its scope' using errcode = 'restrict_violation';
    end if;
    before.lease_until := new.lease_until;
    if before is not distinct from new then return null; end if;
  end if;
  if new.revision <> coalesce(before.revision, 0) + 1 or not exists (
    select from sluice.audit a
    where a.revision = new.revision and a.label = new.label and a.model = new.model and a.tenant = new.tenant
      and case when new.prompt = '' then a.details ->> 'anyPrompt' = 'true' else a.prompt = new.prompt end
      and (new.active_version is not distinct from before.active_version
           or a.to_version is not distinct from new.active_version)
      and (new.candidate_version is null or new.candidate_version is not distinct from before.candidate_version
           or a.to_version is not distinct from new.candidate_version)
  ) then
    raise exception 'sluice.pointers: %/% moved to revision % without an entry in sluice.audit',
      new.label, new.prompt, new.revision using errcode = 'restrict_violation';
  end if;
  return null;
end $$;
drop trigger if exists pointers_audited on sluice.pointers;
create constraint trigger pointers_audited after insert or update on sluice.pointers
  deferrable initially deferred for each row execute function sluice.require_audit();
