-- What is watched of versions in the open, outside any rollout, and what has been found.

create table sluice.monitors (
  id uuid primary key default gen_random_uuid(),
  label text not null,
  prompt text not null check (prompt <> ''),
  model text not null default '',
  tenant text not null default '',
  name text not null check (name ~ '^[a-z][a-z0-9_-]{0,31}$'),
  spec jsonb,
  muted_until timestamptz,
  unique (prompt, label, model, tenant, name)
);
comment on table sluice.monitors is
  'what is watched, a row for each scope and name; the usual ones are written by workers, what is set by people';
comment on column sluice.monitors.spec is 'as it was set; null: the usual one of this name; "off": nothing';

create table sluice.monitor_states (
  monitor_id uuid primary key references sluice.monitors (id) on delete cascade,
  version_id uuid not null,
  spec_sha256 text not null,
  watch jsonb not null,
  level double precision not null,
  updated_at timestamptz not null default clock_timestamp()
);
comment on table sluice.monitor_states is 'how far a monitor has come with the version that is live: a new version begins anew';
comment on column sluice.monitor_states.watch is
  '{began, until, reference, p0, detectors, recovery}: every hour before until is counted, once';
comment on column sluice.monitor_states.level is 'from which evidence on it rings, by how many monitors there were';

create table sluice.alerts (
  id uuid primary key default gen_random_uuid(),
  monitor_id uuid not null references sluice.monitors (id) on delete cascade,
  version_id uuid not null,
  kind text not null check (kind in ('rate', 'cost', 'drift')),
  opened_at timestamptz not null default clock_timestamp(),
  since timestamptz not null,
  evidence jsonb not null,
  triage jsonb,
  told_at timestamptz not null default clock_timestamp(),
  acked_by text,
  acked_at timestamptz,
  resolved_at timestamptz,
  resolution text
);
comment on table sluice.alerts is 'what monitors have found; one is open for a monitor at most';
comment on column sluice.alerts.triage is 'whose doing it is likely to be: {cause, says, …}';
comment on column sluice.alerts.told_at is 'when webhooks were told of it last: again each day while it is open and nobody has taken it on';
create unique index alerts_open on sluice.alerts (monitor_id) where resolved_at is null;
create index alerts_by_time on sluice.alerts (opened_at);
create index alerts_of_monitors on sluice.alerts (monitor_id, opened_at);

create table sluice.monitor_looks (
  one boolean primary key default true check (one),
  looked_at timestamptz not null
);
comment on table sluice.monitor_looks is 'when a worker last looked at all monitors, in one row; its lock is held while one looks';
insert into sluice.monitor_looks (looked_at) values ('-infinity');

alter table sluice.notifications drop constraint notifications_event_check;
alter table sluice.notifications add constraint notifications_event_check check (event in
  ('started', 'advanced', 'waiting_for_approval', 'promoted', 'pointer_moved', 'alert', 'alert_resolved'));
