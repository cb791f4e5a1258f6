-- What is removed when its time is over, and what stays of it.

create table sluice.tombstones (
  kind text not null,
  subject uuid not null,
  removed bigint not null,
  removed_at timestamptz not null default clock_timestamp(),
  primary key (kind, subject)
);
comment on table sluice.tombstones is
  'how many rows of what is gone: whoever asks hears when it was removed, and never that it was not there';
comment on column sluice.tombstones.subject is 'the rollout, evaluation or version that the rows were about';

create table sluice.retention_runs (
  id uuid primary key,
  started_at timestamptz not null default clock_timestamp(),
  ended_at timestamptz,
  periods jsonb not null,
  removed jsonb not null default '{}',
  problems jsonb not null default '{}'
);
comment on table sluice.retention_runs is 'what the schedule has removed, run by run, and by which periods';
comment on column sluice.retention_runs.periods is '{kind: days}; null: for ever';
comment on column sluice.retention_runs.removed is '{table: rows}';
comment on column sluice.retention_runs.problems is '{table: why it was not done}';

create table sluice.retention_horizon (
  one boolean primary key default true check (one),
  oldest_outcome uuid not null default '00000000-0000-0000-0000-000000000000'
);
comment on table sluice.retention_horizon is
  'outcomes whose id (UUIDv7) is of an earlier time are not taken, in one row: they may have been here and been removed, and would count twice';
insert into sluice.retention_horizon default values;
