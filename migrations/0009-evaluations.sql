-- Where the workflow of an evaluation that is no rollout's was started, and since when Temporal has not known it.
alter table sluice.evaluations
  add column temporal_namespace_id text,
  add column missing_since timestamptz;
comment on column sluice.evaluations.temporal_namespace_id is
  'the namespace that its own workflow was started in; null: it was not, or it is a rollout''s';
comment on column sluice.evaluations.missing_since is 'since when that namespace has not known its workflow';
