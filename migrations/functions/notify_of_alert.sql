-- Tells the webhooks of a prompt's policy of an alert: when it is opened, when it is told again, and when it is over.
create or replace function sluice.notify_of_alert() returns trigger language plpgsql
  security definer set search_path = pg_catalog, pg_temp as $$
declare
  m sluice.monitors;
  content jsonb;
begin
  select * into m from sluice.monitors x where x.id = new.monitor_id;
  content := jsonb_build_object('alertId', new.id, 'kind', new.kind, 'monitor', m.name, 'prompt', m.prompt,
    'version', (select v.prompt || '@' || v.number from sluice.versions v where v.id = new.version_id),
    'label', m.label, 'model', nullif(m.model, ''), 'tenant', nullif(m.tenant, ''), 'metric', new.evidence ->> 'metric',
    'since', new.since, 'openedAt', new.opened_at, 'evidence', new.evidence, 'triage', new.triage);
  if tg_op = 'INSERT' then
    perform sluice.queue_notification('alert/' || new.id, 'alert', m.prompt, null, content);
  elsif new.resolved_at is not null and old.resolved_at is null then
    perform sluice.queue_notification('alert/' || new.id || '/resolved', 'alert_resolved', m.prompt, null,
      content || jsonb_build_object('resolvedAt', new.resolved_at, 'resolution', new.resolution));
  elsif new.told_at > old.told_at then
    perform sluice.queue_notification('alert/' || new.id || '/' || to_char(new.told_at at time zone 'UTC',
      'YYYY-MM-DD"T"HH24:MI:SS'), 'alert', m.prompt, null, content);
  end if;
  return null;
end $$;
create or replace trigger alerts_notified after insert or update on sluice.alerts
  for each row execute function sluice.notify_of_alert();
