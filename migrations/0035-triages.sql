-- Asking the tests again once an alert is open, of what is live and of the version before it, to tell whose doing it is.

create table sluice.triages (
  alert_id uuid primary key references sluice.alerts (id) on delete cascade,
  regate_id uuid not null references sluice.monitors (id) on delete cascade,
  spec jsonb not null,
  version_id uuid not null,
  previous_version uuid,
  revision bigint not null,
  live_evaluation uuid not null default gen_random_uuid(),
  previous_evaluation uuid not null default gen_random_uuid(),
  asked_sha256 text,
  started_at timestamptz not null default clock_timestamp(),
  looked_at timestamptz not null default clock_timestamp(),
  ended_at timestamptz,
  problem text
);
comment on table sluice.triages is
  'each time that an alert had the tests asked again; its workflow is triage: and the id of the alert. What it has found is with the alert';
comment on column sluice.triages.regate_id is 'the monitor of the scope that allows it, and says what it may cost';
comment on column sluice.triages.spec is 'that monitor as it was set when this began';
comment on column sluice.triages.previous_version is 'what a rollback would bring back; null: nothing';
comment on column sluice.triages.revision is 'of the pointer when this began: only that one is rolled back';
comment on column sluice.triages.asked_sha256 is 'of the dataset and the judge: only what was asked the same is compared';
comment on column sluice.triages.looked_at is 'when somebody last saw that its workflow runs';
comment on column sluice.triages.problem is 'why it found nothing; null where it did, or goes on';
create unique index triages_running on sluice.triages (regate_id) where ended_at is null;
