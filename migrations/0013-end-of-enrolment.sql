-- Enrolment ends at max_units: who comes later is counted here, and nowhere else.
alter table sluice.rollout_intake drop constraint rollout_intake_kind_check;
alter table sluice.rollout_intake add check (kind in ('joined', 'unenrolled', 'mismatched', 'closed',
  'late_value', 'refused_value', 'refused_exposure', 'second_arm', 'after_enrolment'));
