-- Writes down what the webhooks of a policy are to be told, a row each: of the rollout's policy, or of the prompt's where
-- there is no rollout. Where neither has any, nothing; and nothing for one that names events, and not this one.
create or replace function sluice.queue_notification(id text, event text, prompt text, rollout uuid, content jsonb)
  returns void language sql security definer set search_path = pg_catalog, pg_temp as $$
  insert into sluice.notifications (id, webhook, secret, event, prompt, rollout_id, content)
  select queue_notification.id, hook ->> 'webhook', hook ->> 'secret', queue_notification.event,
         queue_notification.prompt, queue_notification.rollout, queue_notification.content
  from jsonb_array_elements(coalesce(
    case when rollout is not null then (select r.policy -> 'notify' from sluice.rollouts r where r.id = rollout)
    else (select d.body -> 'notify' from sluice.prompts p join sluice.documents d on d.sha256 = p.policy_sha256
          where p.name = queue_notification.prompt) end, '[]')) as hook
  where hook ->> 'webhook' is not null
    and (hook -> 'events' is null or hook -> 'events' @> to_jsonb(queue_notification.event))
  on conflict do nothing
$$;
revoke all on function sluice.queue_notification(text, text, text, uuid, jsonb) from public;
