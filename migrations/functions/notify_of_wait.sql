-- Tells the webhooks of a rollout that it waits for somebody: once for each point at which it does.
create or replace function sluice.notify_of_wait() returns trigger language plpgsql
  security definer set search_path = pg_catalog, pg_temp as $$
begin
  if new.waiting_for is not null and new.waiting_for is distinct from old.waiting_for then
    perform sluice.queue_notification(new.id || '/waiting/' || new.waiting_for, 'waiting_for_approval', new.prompt,
      new.id, jsonb_build_object('rolloutId', new.id, 'prompt', new.prompt, 'label', new.label,
        'model', nullif(new.model, ''), 'tenant', nullif(new.tenant, ''), 'waitingFor', new.waiting_for,
        'candidate', (select v.prompt || '@' || v.number from sluice.versions v where v.id = new.candidate_version),
        'at', clock_timestamp()));
  end if;
  return null;
end $$;
create or replace trigger rollouts_notified after update of waiting_for on sluice.rollouts
  for each row execute function sluice.notify_of_wait();
