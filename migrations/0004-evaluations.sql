-- Evaluations outlive their worker: what they follow, what they have measured, what they may spend.

create table sluice.evaluations (
  id uuid primary key default gen_random_uuid(),
  rollout_id uuid references sluice.rollouts (id),
  candidate_version uuid not null references sluice.versions (id),
  baseline_version uuid references sluice.versions (id),
  dataset_sha256 text not null references sluice.documents (sha256),
  gate_sha256 text not null,
  judge_sha256 text not null default '',
  gate jsonb,
  verdict text check (verdict in ('pass', 'fail', 'insufficient')),
  reason text,
  report jsonb,
  cost_usd numeric,
  started_at timestamptz not null default now(),
  ended_at timestamptz
);
comment on column sluice.evaluations.rollout_id is 'null: of `sluice eval`, kept with the version';
comment on column sluice.evaluations.gate is
  'the gate as it was when the evaluation began: a batch needs nothing else to be asked again';
create unique index evaluations_one_per_rollout on sluice.evaluations (rollout_id) where rollout_id is not null;
create index evaluations_by_candidate on sluice.evaluations (candidate_version, ended_at desc);

create table sluice.evaluation_results (
  evaluation_id uuid not null references sluice.evaluations (id),
  arm text not null check (arm in ('candidate', 'baseline')),
  case_index integer not null,
  repeat integer not null,
  result jsonb not null,
  grade text generated always as (case
    when result ->> 'error' is not null then 'error'
    when (result ->> 'pass')::boolean then 'pass'
    else 'fail' end) stored,
  reuse_key text,
  reused_from uuid references sluice.evaluations (id),
  recorded_at timestamptz not null default now(),
  primary key (evaluation_id, arm, case_index, repeat)
);
comment on column sluice.evaluation_results.grade is
  'counted after every batch, so not looked up in the answer''s JSON';
comment on column sluice.evaluation_results.reuse_key is 'digest of everything that the result depends on';
comment on column sluice.evaluation_results.reused_from is 'the evaluation that paid for it, where it was reused';
-- Only what was measured as a baseline is reused. A candidate's results were selected by passing, so as a baseline
-- they would look better than the version is, and fail versions that are no worse.
create index evaluation_results_to_reuse on sluice.evaluation_results (reuse_key, recorded_at desc)
  where arm = 'baseline' and reuse_key is not null and reused_from is null;

create table sluice.baseline_results (
  id bigint generated always as identity primary key,
  reuse_key text not null,
  result jsonb not null,
  recorded_at timestamptz not null default clock_timestamp()
);
comment on table sluice.baseline_results is
  'what `sluice eval` measured of baselines, for the next one to reuse. A rollout''s gate does not: its evidence is what workers have measured. Several runs of a case are kept and averaged: with one alone, how a harmless version fared would depend on its luck';
create index baseline_results_by_age on sluice.baseline_results (recorded_at);
create index baseline_results_by_key on sluice.baseline_results (reuse_key, recorded_at desc);

create table sluice.evaluation_budgets (
  evaluation_id uuid primary key references sluice.evaluations (id),
  cap_usd numeric not null check (cap_usd >= 0),
  spent_usd numeric not null default 0,
  reserved_usd numeric not null default 0
);
comment on table sluice.evaluation_budgets is
  'money is exact: numeric, in US dollars. Spent and reserved together never pass the cap, since both are raised by one statement that refuses';

create table sluice.budget_reservations (
  id uuid primary key,
  evaluation_id uuid not null references sluice.evaluation_budgets (evaluation_id),
  holder text not null,
  usd numeric not null check (usd >= 0),
  forfeited boolean not null default false,
  reserved_at timestamptz not null default clock_timestamp()
);
comment on table sluice.budget_reservations is
  'one row a call under way. A row whose worker died is forfeited: nobody knows what the call has cost, so all that was set aside for it counts as spent';
comment on column sluice.budget_reservations.holder is 'who reserved: <batch>#<attempt>';
create index budget_reservations_open on sluice.budget_reservations (evaluation_id) where not forfeited;

create table sluice.provider_breakers (
  endpoint text primary key,
  state text not null default 'closed' check (state in ('closed', 'open', 'half_open')),
  failures integer not null default 0,
  until timestamptz,
  updated_at timestamptz not null default clock_timestamp(),
  check ((state = 'closed') = (until is null))
);
comment on table sluice.provider_breakers is
  'one circuit breaker an endpoint, seen by all workers, on the database''s clock';
comment on column sluice.provider_breakers.failures is 'in a row';
comment on column sluice.provider_breakers.until is
  'open: until when nobody calls; half_open: until when the one that probes is waited for';
