-- What a gate has seen of the models that a version falls back to.

alter table sluice.evaluation_results drop constraint evaluation_results_arm_check;
alter table sluice.evaluation_results add constraint evaluation_results_arm_check
  check (arm ~ '^(candidate|baseline|fallback-[1-9])$');
comment on column sluice.evaluation_results.arm is
  'a version''s own model, or fallback-1 and on: those that the candidate falls back to';
