-- Harm to a few hides in the mean of all: units are also counted by segment (tenant, model, or an attribute that the
-- service names), harm only.

-- The segments that a rollout's policy names.
create table sluice.rollout_segments (
  rollout_id uuid not null references sluice.rollouts (id),
  segment text not null,
  primary key (rollout_id, segment)
);
-- The first 20 values of a segment that were seen; units of any other value are counted as "other".
create table sluice.segment_values (
  rollout_id uuid not null,
  segment text not null,
  value text not null,
  slot smallint not null check (slot between 1 and 20),
  primary key (rollout_id, segment, value),
  unique (rollout_id, segment, slot),
  foreign key (rollout_id, segment) references sluice.rollout_segments
);

alter table sluice.open_units
  -- {segment: value} of the unit's first exposure; null where it has none. Gone with the fold.
  add column segments jsonb;

-- As cells, of the units of one segment's value.
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
comment on table sluice.segment_cells is 'moments by segment, folded with cells; looked at for harm only';
