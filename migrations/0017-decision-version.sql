-- A rollout is decided to its end by the version of the decision rules that it began under.
alter table sluice.rollouts add column decision_version text not null default '2' check (decision_version <> '');
alter table sluice.rollouts alter column decision_version drop default;
comment on column sluice.rollouts.decision_version is
  'version of the decision rules that every look of this rollout uses; assessments.code_version has it of each look';
