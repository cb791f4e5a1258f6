-- What makes a version live in an environment before its time is refused, whoever may write the table. A rollback never
-- is, and neither is what the audit log calls an emergency, with its reason. Looked at when the transaction ends.
create or replace function sluice.require_environment() returns trigger language plpgsql
  security definer set search_path = pg_catalog, pg_temp as $$
declare
  entry sluice.audit;
  problem text;
begin
  if new.active_version is null then return null; end if;
  if tg_op = 'UPDATE' and new.active_version is not distinct from old.active_version then return null; end if;
  select * into entry from sluice.audit a
  where a.revision = new.revision and a.label = new.label and a.model = new.model and a.tenant = new.tenant
    and case when new.prompt = '' then a.details ->> 'anyPrompt' = 'true' else a.prompt = new.prompt end
  order by a.seq desc limit 1;
  if entry.action = 'rolled_back' or entry.details ->> 'emergency' = 'true' then return null; end if;
  problem := case when entry.action = 'promoted'
    then sluice.promotion_problem(new.label, new.prompt, new.model, new.tenant, new.active_version, entry.rollout_id)
    else sluice.environment_problem(new.label, new.prompt, new.model, new.tenant, new.active_version, clock_timestamp())
  end;
  if problem is not null then
    raise exception 'sluice.pointers: %', problem using errcode = 'restrict_violation';
  end if;
  return null;
end $$;
drop trigger if exists pointers_in_environments on sluice.pointers;
create constraint trigger pointers_in_environments after insert or update of active_version on sluice.pointers
  deferrable initially deferred for each row execute function sluice.require_environment();
