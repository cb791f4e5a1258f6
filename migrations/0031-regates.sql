-- Asking a live version its golden set again by the clock, to find that the vendor's model has changed under its name.

alter table sluice.monitors add column set_at timestamptz not null default clock_timestamp();
alter table sluice.monitors add column scheduled_sha256 text;
alter table sluice.monitors add column referred_version uuid;
comment on column sluice.monitors.set_at is 'when somebody last set it';
comment on column sluice.monitors.scheduled_sha256 is
  'what its schedule in Temporal was last made from; null: it has none. Written by workers';
comment on column sluice.monitors.referred_version is
  'the version for which a reference was last asked for out of turn, which is done once for each that goes live. Written by workers';

create table sluice.regates (
  evaluation_id uuid primary key default gen_random_uuid(),
  monitor_id uuid not null references sluice.monitors (id) on delete cascade,
  version_id uuid not null,
  run_id text not null unique,
  kind text not null check (kind in ('reference', 'run')),
  asked_sha256 text,
  reference_id uuid references sluice.regates (evaluation_id),
  started_at timestamptz not null default clock_timestamp(),
  ended_at timestamptz,
  problem text,
  result jsonb
);
comment on table sluice.regates is
  'each time that a live version was asked its golden set again, by a monitor that says so: five times over as the reference, then once a run';
comment on column sluice.regates.evaluation_id is 'the evaluation that it is; none is there where it could not be begun';
comment on column sluice.regates.run_id is 'the run of the workflow, which begins one';
comment on column sluice.regates.asked_sha256 is 'of the dataset and the judge: only what was asked the same is compared';
comment on column sluice.regates.problem is 'why it found nothing; null where it did, or goes on';
comment on column sluice.regates.result is
  'of a reference {cases, passRate, shares: [[passed, of], …]}, of a run {cases, passRate, referencePassRate, regression, lower, alpha, worse}';
create index regates_of_monitors on sluice.regates (monitor_id, started_at);
create index regates_references on sluice.regates (version_id, asked_sha256) where kind = 'reference';
