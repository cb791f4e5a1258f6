-- What services had no room for is counted beside what came, so that a verdict says what it misses.
alter table sluice.rollout_intake drop constraint rollout_intake_kind_check;
alter table sluice.rollout_intake add constraint rollout_intake_kind_check check (kind in ('joined', 'unenrolled',
  'wrong_version', 'after_end', 'late_value', 'refused_value', 'refused_exposure', 'conflicting_arm', 'after_enrolment',
  'too_old', 'dropped_candidate', 'dropped_control'));
comment on table sluice.rollout_intake is
  'what came in for a rollout, counted by what became of it: outcomes by their status or too old to be told from a repetition, values that came late or were no measurements, exposures that were refused, claimed another arm than the unit''s first, or came after enrolment had ended at max_units; and outcomes of either version that services had no room for, as they say themselves';
