-- Taking a version along to what includes its prompt: what becomes of each dependant.

create table sluice.propagations (
  id uuid primary key,
  version_id uuid not null references sluice.versions (id),
  label text not null default '',
  rollout boolean not null default false,
  needs_approval boolean not null default false,
  max_cost_usd numeric check (max_cost_usd > 0),
  started_by text not null default session_user,
  asserted_by text,
  started_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  ended_at timestamptz,
  reason text not null default ''
);
comment on table sluice.propagations is
  'a version on its way to the prompts that include its prompt; its workflow is propagate:ID';
comment on column sluice.propagations.label is
  'dependants are made anew from what this label serves; empty: from the newest version of each';
comment on column sluice.propagations.needs_approval is
  'whoever asked may only ask for a rollout under the label: a releaser approves each';
comment on column sluice.propagations.max_cost_usd is 'what the gates of all dependants may spend together';
create index propagations_open on sluice.propagations (updated_at) where ended_at is null;

create table sluice.propagation_steps (
  propagation_id uuid not null references sluice.propagations (id) on delete cascade,
  prompt text not null references sluice.prompts (name),
  position integer not null,
  level integer not null,
  from_version uuid not null references sluice.versions (id),
  needs text[] not null default '{}',
  state text not null default 'waiting' check (state in ('waiting', 'testing', 'rolling_out', 'unchanged', 'made', 'passed',
    'promoted', 'in_git', 'impossible', 'insufficient', 'failed', 'rolled_back', 'stopped')),
  reason text not null default '',
  version_id uuid references sluice.versions (id),
  max_cost_usd numeric,
  evaluation_id uuid,
  rollout_id uuid,
  updated_at timestamptz not null default clock_timestamp(),
  primary key (propagation_id, prompt)
);
comment on table sluice.propagation_steps is 'the dependants of a propagation, what is included before what includes it';
comment on column sluice.propagation_steps.needs is 'other dependants that it includes: it is made once they have gone well';
comment on column sluice.propagation_steps.version_id is 'what was made of it; kept with the version itself in one transaction';
comment on column sluice.propagation_steps.max_cost_usd is
  'its share of the money: what earlier gates have left, by the dependants that were still to come';
create index propagation_steps_by_rollout on sluice.propagation_steps (rollout_id) where rollout_id is not null;
