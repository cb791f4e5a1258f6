-- Outcomes that come when theirs may have been counted and removed are not stored: how many is said, for their rollout
-- and in all, so that nothing is lost without a word.
alter table sluice.rollout_intake drop constraint rollout_intake_kind_check;
alter table sluice.rollout_intake add constraint rollout_intake_kind_check check (kind in ('joined', 'unenrolled',
  'wrong_version', 'after_end', 'late_value', 'refused_value', 'refused_exposure', 'conflicting_arm', 'after_enrolment',
  'too_old'));
comment on table sluice.rollout_intake is
  'what came in for a rollout, counted by what became of it: outcomes by their status or too old to be told from a repetition, values that came late or were no measurements, exposures that were refused, claimed another arm than the unit''s first, or came after enrolment had ended at max_units';

alter table sluice.retention_horizon add column too_old bigint not null default 0;
comment on column sluice.retention_horizon.too_old is
  'outcomes that came with an id older than oldest_outcome: one that was sent twice counts twice here';
