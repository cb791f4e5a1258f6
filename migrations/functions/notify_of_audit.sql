-- What an entry of the audit log tells the webhooks of its prompt. How a rollout ended is told by its workflow, so a
-- promotion is told of only where a watch follows, and a way back only where no rollout took it.
create or replace function sluice.notify_of_audit() returns trigger language plpgsql
  security definer set search_path = pg_catalog, pg_temp as $$
declare
  content jsonb := jsonb_build_object('prompt', new.prompt, 'label', new.label, 'model', nullif(new.model, ''),
    'tenant', nullif(new.tenant, ''), 'at', new.at, 'reason', new.reason,
    'by', coalesce(new.principal ->> 'name', new.asserted_actor, new.actor));
  candidate text := (select v.prompt || '@' || v.number from sluice.versions v where v.id = new.to_version);
  previous text := (select v.prompt || '@' || v.number from sluice.versions v where v.id = new.from_version);
begin
  if new.rollout_id is not null then
    content := content || jsonb_build_object('rolloutId', new.rollout_id, 'candidate', candidate);
    if new.action = 'rollout_started' then
      perform sluice.queue_notification(new.rollout_id || '/started', 'started', new.prompt, new.rollout_id, content);
    -- A stage that nobody looked after for a while is opened again, which is no news.
    elsif new.action = 'stage_opened' and not exists (
        select from sluice.audit a where a.rollout_id = new.rollout_id and a.action = 'stage_opened'
          and a.seq < new.seq and a.details -> 'stage' = new.details -> 'stage') then
      perform sluice.queue_notification(new.rollout_id || '/stage/' || (new.details ->> 'stage'), 'advanced',
        new.prompt, new.rollout_id, content || jsonb_build_object('stage', new.details -> 'stage',
          'sharePercent', (new.details ->> 'share')::numeric / 100));
    elsif new.action = 'promoted'
        and (select r.policy ->> 'watch' from sluice.rollouts r where r.id = new.rollout_id) is not null then
      perform sluice.queue_notification(new.rollout_id || '/promoted', 'promoted', new.prompt, new.rollout_id, content);
    end if;
  elsif new.action in ('pointer_set', 'rolled_back') and new.revision is not null then
    perform sluice.queue_notification('pointer/' || new.prompt || '/' || new.seq, 'pointer_moved', new.prompt, null,
      content || jsonb_build_object('action', new.action, 'from', previous, 'to', candidate, 'revision', new.revision));
  end if;
  return null;
end $$;
create or replace trigger audit_notified after insert on sluice.audit
  for each row execute function sluice.notify_of_audit();
