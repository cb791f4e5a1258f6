-- What services report, and what it is folded into. Without foreign keys: record_batch looks rollouts up once a
-- batch, not once a row.

create table sluice.exposures (
  rollout_id uuid not null,
  -- Checked without a pattern, which would cost more than the insert.
  unit text not null check (octet_length(unit) = 64 and octet_length(decode(unit, 'hex')) = 32),
  mode text not null check (mode in ('canary', 'holdback')),
  arm text not null check (arm in ('candidate', 'control')),
  epoch integer not null,
  exposed_at timestamptz not null default clock_timestamp(),
  id bigint generated always as identity,
  primary key (rollout_id, unit, mode)
);
comment on column sluice.exposures.unit is 'a digest, 64 hex digits: no user''s id is ever here';
comment on column sluice.exposures.mode is
  'a watch after promotion has exposures of its own: a unit may be in both, always in the same arm';
comment on column sluice.exposures.id is
  'what outcomes and open units refer to: much narrower than the key. Nothing looks it up here';

create table sluice.exposure_counts (
  rollout_id uuid not null,
  epoch integer not null,
  arm text not null check (arm in ('candidate', 'control')),
  units bigint not null,
  primary key (rollout_id, epoch, arm)
);
comment on table sluice.exposure_counts is 'counted as they come in, so that a tick never counts rows';

create table sluice.open_units (
  exposure bigint not null,
  window_ms bigint not null,
  rollout_id uuid not null,
  epoch integer not null,
  arm text not null check (arm in ('candidate', 'control')),
  closes_at timestamptz not null,
  segments jsonb,
  primary key (exposure, window_ms)
);
comment on table sluice.open_units is
  'exposed units whose outcomes still count, one row for each length of window that their rollout''s metrics have. Folding deletes the row, so a unit is folded exactly once; its values are those of its outcomes';
comment on column sluice.open_units.segments is '{segment: value} of its first exposure; null where it has none';
create index open_units_by_closing on sluice.open_units (rollout_id, closes_at);

create table sluice.cells (
  rollout_id uuid not null references sluice.rollouts (id),
  epoch integer not null,
  arm text not null check (arm in ('candidate', 'control')),
  metric text not null,
  units bigint not null,
  n bigint not null,
  mean double precision not null,
  m2 double precision not null,
  uncapped double precision not null default 0,
  ratio_s double precision not null default 0,
  ratio_c double precision not null default 0,
  ratio_ss double precision not null default 0,
  ratio_cc double precision not null default 0,
  ratio_sc double precision not null default 0,
  newest_value_at timestamptz,
  primary key (rollout_id, epoch, arm, metric)
);
comment on table sluice.cells is
  'moments of the units whose window has closed. Only the fold writes here, one rollout''s fold at a time';
comment on column sluice.cells.n is 'units that carry a value, of all the units';
comment on column sluice.cells.m2 is 'sum of squared deviations from the mean';
comment on column sluice.cells.uncapped is
  'plain mean of the uncapped values, beside that of the capped ones or of their logarithms';
comment on column sluice.cells.ratio_s is
  'ratio metrics: sums over units of a unit''s sum s and count c, and of their products';

create table sluice.segment_cells (
  rollout_id uuid not null references sluice.rollouts (id),
  epoch integer not null,
  arm text not null check (arm in ('candidate', 'control')),
  metric text not null,
  segment text not null,
  value text not null,
  units bigint not null,
  n bigint not null,
  mean double precision not null,
  m2 double precision not null,
  ratio_s double precision not null default 0,
  ratio_c double precision not null default 0,
  ratio_ss double precision not null default 0,
  ratio_cc double precision not null default 0,
  ratio_sc double precision not null default 0,
  primary key (rollout_id, epoch, arm, metric, segment, value)
);
comment on table sluice.segment_cells is
  'as cells, of the units of one segment''s value; looked at for harm only';

create table sluice.outcomes (
  id uuid primary key,
  received_at timestamptz not null default clock_timestamp(),
  version_id uuid not null,
  rollout_id uuid,
  unit text,
  exposure bigint,
  metrics jsonb not null,
  status text not null check (status in ('joined', 'unenrolled', 'wrong_version', 'after_end')),
  feedback text,
  sample jsonb
);
comment on column sluice.outcomes.exposure is 'of a joined outcome: where the fold finds it';
comment on column sluice.outcomes.status is
  'joined: of an enrolled unit (and counted, if its window was open); otherwise why it is stored only';
create index outcomes_by_exposure on sluice.outcomes (exposure) where exposure is not null;
create index outcomes_with_feedback on sluice.outcomes (version_id, received_at) where feedback is not null;
create index outcomes_with_sample on sluice.outcomes (version_id, received_at) where sample is not null;

create table sluice.rollout_intake (
  rollout_id uuid not null,
  kind text not null check (kind in ('joined', 'unenrolled', 'wrong_version', 'after_end',
    'late_value', 'refused_value', 'refused_exposure', 'conflicting_arm', 'after_enrolment')),
  n bigint not null,
  primary key (rollout_id, kind)
);
comment on table sluice.rollout_intake is
  'what came in for a rollout, counted by what became of it: outcomes by their status, values that came late or were no measurements, exposures that were refused, claimed another arm than the unit''s first, or came after enrolment had ended at max_units';

create table sluice.usage (
  version_id uuid not null,
  label text not null,
  model text not null,
  tenant text not null,
  hour timestamptz not null,
  metric text not null,
  n bigint not null,
  mean double precision not null,
  m2 double precision not null,
  refused bigint not null default 0,
  -- By hour first, where readers look.
  primary key (version_id, hour, metric, label, model, tenant)
);
comment on table sluice.usage is
  'what each version does in the open: every outcome counts, enrolled or not. The row of metric '''' counts the outcomes themselves';
comment on column sluice.usage.refused is
  'values that were no measurements: not a number, or beyond 1e12 either way';

create table sluice.usage_histogram (
  version_id uuid not null,
  label text not null,
  model text not null,
  tenant text not null,
  hour timestamptz not null,
  metric text not null,
  bucket smallint not null,
  n bigint not null,
  primary key (version_id, hour, metric, bucket, label, model, tenant)
);
comment on column sluice.usage_histogram.bucket is
  'b holds values in (2^((b-1)/16), 2^(b/16)]; -32768 holds zero and below';
