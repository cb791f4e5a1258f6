-- Pointers say what is served; rollouts move them, stage by stage, on evidence.

create table sluice.rollouts (
  id uuid primary key,
  workflow_id text not null,
  run_id text,
  request_id text not null,
  label text not null,
  prompt text not null references sluice.prompts (name),
  model text not null default '',
  tenant text not null default '',
  candidate_version uuid not null references sluice.versions (id),
  baseline_version uuid references sluice.versions (id),
  inherits boolean not null default false,
  policy_sha256 text not null references sluice.documents (sha256),
  policy jsonb not null,
  decision_version text not null check (decision_version <> ''),
  attempt integer not null default 1 check (attempt > 0),
  ledger jsonb,
  dataset_sha256 text references sluice.documents (sha256),
  salt text not null,
  phase text not null check (phase in ('validating', 'evaluating', 'awaiting_approval', 'canary', 'promoting',
    'watching', 'rolling_back', 'done')),
  waiting_for text check (waiting_for in ('canary', 'promote', 'operator')),
  outcome text check (outcome in
    ('promoted', 'rolled_back', 'rejected', 'inconclusive', 'aborted', 'superseded', 'failed')),
  reason text,
  stage integer not null default 0 check (stage >= 0),
  share integer not null default 0 check (share between 0 and 5000),
  paused boolean not null default false,
  fleet jsonb,
  temporal_namespace text,
  temporal_namespace_id text,
  missing_since timestamptz,
  started_by text not null default session_user,
  asserted_by text,
  started_at timestamptz not null default now(),
  canary_started_at timestamptz,
  ended_at timestamptz,
  updated_at timestamptz not null default now(),
  check ((outcome is null) = (ended_at is null))
);
comment on column sluice.rollouts.inherits is
  'the scope had no active version of its own: the baseline is inherited, and so restored';
comment on column sluice.rollouts.policy is 'as it was when the rollout started, read and with its defaults';
comment on column sluice.rollouts.decision_version is
  'version of the decision rules that every look of this rollout uses; assessments.code_version has it of each look';
comment on column sluice.rollouts.attempt is
  'the so many-th try of the same content in this scope within 30 days';
comment on column sluice.rollouts.ledger is
  'what earlier steps had used of each metric''s margin when it began: {anchor, metrics: {metric: {spent, steps}}}';
comment on column sluice.rollouts.waiting_for is
  'whose decision it waits for: an approval before one of the two points, or an operator''s where it is inconclusive';
comment on column sluice.rollouts.share is 'of the units, in hundredths of a per cent';
comment on column sluice.rollouts.fleet is
  'how its promotion reached the resolvers: {confirmed, live, ms, missing}';
comment on column sluice.rollouts.temporal_namespace is
  'where its workflow is, so that nobody who asks another Temporal takes it for ended';
comment on column sluice.rollouts.missing_since is
  'since when Temporal has not known its workflow; null while it does';
comment on column sluice.rollouts.started_by is 'the database''s login; asserted_by is who that says it is';
create unique index rollouts_one_open_per_scope
  on sluice.rollouts (label, prompt, model, tenant) where outcome is null;
create index rollouts_by_prompt on sluice.rollouts (prompt, started_at desc);
create index rollouts_by_candidate on sluice.rollouts (candidate_version);

create table sluice.pointers (
  label text not null,
  prompt text not null default '',
  model text not null default '',
  tenant text not null default '',
  active_version uuid references sluice.versions (id),
  previous_version uuid references sluice.versions (id),
  previous_inherits boolean not null default false,
  candidate_version uuid references sluice.versions (id),
  mode text check (mode in ('canary', 'holdback')),
  share integer not null default 0 check (share between 0 and 5000),
  salt text not null default '',
  epoch integer not null default 0,
  rollout_id uuid references sluice.rollouts (id),
  lease_until timestamptz,
  revision bigint not null default 1,
  updated_at timestamptz not null default now(),
  primary key (label, prompt, model, tenant),
  check ((mode is null) = (candidate_version is null)),
  check (mode is null or rollout_id is not null)
);
comment on table sluice.pointers is
  'what each scope serves; moved by compare-and-set on its revision, each move with an entry in audit';
comment on column sluice.pointers.prompt is ''''': a default for every prompt';
comment on column sluice.pointers.active_version is 'null: nothing of its own, the scope inherits';
comment on column sluice.pointers.previous_inherits is
  'what is active replaced what the scope inherited: a rollback goes back to inheriting. Part of the move itself, as an earlier promotion of the same version says nothing of it';
comment on column sluice.pointers.share is
  'of the units, in hundredths of a per cent: the candidate''s in a canary, the previous version''s in a holdback';
comment on column sluice.pointers.lease_until is
  'until when the candidate is shown without being renewed: what nobody watches ends by itself';
create index pointers_by_prompt on sluice.pointers (prompt);
create index pointers_by_lease on sluice.pointers (lease_until) where rollout_id is not null;

create table sluice.rollout_epochs (
  rollout_id uuid not null references sluice.rollouts (id),
  epoch integer not null,
  stage integer not null,
  mode text not null check (mode in ('canary', 'holdback')),
  share integer not null check (share between 0 and 5000),
  opened_at timestamptz not null default now(),
  primary key (rollout_id, epoch)
);
comment on table sluice.rollout_epochs is
  'every share a rollout has had. Exposures and cells are grouped by epoch, so a changed share never mixes';

create table sluice.rollout_metrics (
  rollout_id uuid not null references sluice.rollouts (id),
  metric text not null,
  kind text not null check (kind in ('mean', 'proportion', 'rare', 'ratio')),
  window_ms bigint not null check (window_ms >= 0),
  cap double precision,
  source text,
  measure text not null default 'value'
    check (measure in ('value', 'log', 'over_cap', 'unanswered', 'any_trouble')),
  most_requests integer,
  primary key (rollout_id, metric)
);
comment on column sluice.rollout_metrics.source is
  'the name that outcomes carry it under; null: the metric''s own';
comment on column sluice.rollout_metrics.measure is
  'what a unit''s value of it is, so that silence, what a cap hides and logarithms are folded beside plain values';
comment on column sluice.rollout_metrics.most_requests is
  'ratio metrics: a unit''s requests beyond this many count as this many';

create table sluice.rollout_segments (
  rollout_id uuid not null references sluice.rollouts (id),
  segment text not null,
  primary key (rollout_id, segment)
);
comment on table sluice.rollout_segments is
  'the segments (tenant, model, an attribute) that a rollout''s policy names: harm to a few hides in the mean of all';
create table sluice.segment_values (
  rollout_id uuid not null,
  segment text not null,
  value text not null,
  slot smallint not null check (slot between 1 and 20),
  primary key (rollout_id, segment, value),
  unique (rollout_id, segment, slot),
  foreign key (rollout_id, segment) references sluice.rollout_segments
);
comment on table sluice.segment_values is
  'the first 20 values of a segment that were seen; units of any other value are counted as "other"';

create table sluice.assessments (
  rollout_id uuid not null references sluice.rollouts (id),
  tick integer not null,
  at timestamptz not null default now(),
  stage integer not null,
  epoch integer not null,
  verdict text not null check (verdict in
    ('continue', 'advance', 'promote', 'harm', 'fuse', 'invalid', 'no_data', 'inconclusive')),
  reason text not null,
  baseline_version uuid,
  assessment jsonb not null,
  inputs jsonb not null,
  code_version text not null,
  primary key (rollout_id, tick)
);
comment on table sluice.assessments is
  'each look that changed something, with all that it was decided by: audit recompute decides it again';

create table sluice.approvals (
  rollout_id uuid not null references sluice.rollouts (id),
  point text not null check (point in ('canary', 'promote')),
  actor text not null default session_user,
  asserted_actor text not null default '',
  decision text not null check (decision in ('approve', 'reject')),
  comment text not null default '',
  principal jsonb,
  decided_at timestamptz not null default clock_timestamp(),
  primary key (rollout_id, point, actor, asserted_actor)
);
comment on table sluice.approvals is
  'one decision an operator and point, the last one counts; login and time are the database''s (stamp_approval)';

comment on column sluice.approvals.principal is
  'who has decided by proof, where something was proven: whoever showed a key; the database fills it in';

create table sluice.ledger_steps (
  id bigint generated always as identity primary key,
  label text not null,
  prompt text not null references sluice.prompts (name),
  model text not null,
  tenant text not null,
  version_id uuid not null references sluice.versions (id),
  baseline_id uuid references sluice.versions (id),
  rollout_id uuid unique references sluice.rollouts (id),
  anchor boolean not null,
  metrics jsonb not null default '{}',
  at timestamptz not null default clock_timestamp(),
  check (anchor or baseline_id is not null)
);
comment on table sluice.ledger_steps is
  'what each promotion has cost, walked back from the version that is served to its anchor: see canary.total_margin. One row a promotion that was decided by evidence, written by the transaction that moves the pointer';
comment on column sluice.ledger_steps.anchor is
  'proven superior, or named by an operator: what came before it does not count';
comment on column sluice.ledger_steps.metrics is
  '{metric: {loss, se}}: a loss above 0 is worse; a part of the control''s mean where the margin is relative';
create index ledger_steps_by_version on sluice.ledger_steps (prompt, label, model, tenant, version_id, id desc);
