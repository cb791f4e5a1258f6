-- What webhooks are still to be told: written with what it tells of, in the same transaction, and gone once it was taken.

create table sluice.notifications (
  id text not null,
  webhook text not null,
  secret text,
  event text not null check (event in ('started', 'advanced', 'waiting_for_approval', 'promoted', 'pointer_moved')),
  prompt text not null,
  rollout_id uuid,
  content jsonb not null,
  created_at timestamptz not null default clock_timestamp(),
  attempts integer not null default 0,
  next_attempt_at timestamptz not null default clock_timestamp(),
  primary key (id, webhook)
);
comment on table sluice.notifications is
  'what a webhook of a policy is still to be told, once a transition; how a rollout ended is told by Temporal';
comment on column sluice.notifications.id is 'of the transition: a receiver drops a repeat by it';
comment on column sluice.notifications.webhook is 'as the policy has it: an address, or where the worker finds it';
create index notifications_by_turn on sluice.notifications (next_attempt_at);
