-- Evaluations that outlive their worker: what they follow, whose results they may take over, what they may spend.

alter table sluice.evaluations
  -- The gate as it was when the evaluation began: a batch needs nothing else to be asked again.
  add column gate jsonb;

alter table sluice.evaluation_results
  -- Counted after every batch, so not looked up in the answer's JSON.
  add column grade text generated always as (case
    when result ->> 'error' is not null then 'error'
    when (result ->> 'pass')::boolean then 'pass'
    else 'fail' end) stored,
  -- Digest of everything that the result depends on.
  add column reuse_key text,
  -- The evaluation that paid for it, where it was taken over.
  add column reused_from uuid references sluice.evaluations (id);

-- Only what was measured as a baseline is taken over. A candidate's results were selected by passing, so as a
-- baseline they would look better than the version is, and fail versions that are no worse.
create index evaluation_results_to_reuse on sluice.evaluation_results (reuse_key, recorded_at desc)
  where arm = 'baseline' and reuse_key is not null and reused_from is null;

-- Money is exact: numeric, in US dollars. Spent and reserved together never pass the cap, since both are raised
-- by one statement that refuses.
create table sluice.evaluation_budgets (
  evaluation_id uuid primary key references sluice.evaluations (id),
  cap_usd numeric not null check (cap_usd >= 0),
  spent_usd numeric not null default 0,
  reserved_usd numeric not null default 0
);

-- One row a call under way. A row whose worker died is forfeited: nobody knows what the call has cost, so all
-- that was set aside for it counts as spent.
create table sluice.budget_reservations (
  id uuid primary key,
  evaluation_id uuid not null references sluice.evaluation_budgets (evaluation_id),
  -- Who reserved: `<batch>#<attempt>`.
  holder text not null,
  usd numeric not null check (usd >= 0),
  forfeited boolean not null default false,
  reserved_at timestamptz not null default clock_timestamp()
);
create index budget_reservations_open on sluice.budget_reservations (evaluation_id) where not forfeited;

-- One circuit breaker an endpoint, seen by all workers, on the database's clock.
create table sluice.provider_breakers (
  endpoint text primary key,
  state text not null default 'closed' check (state in ('closed', 'open', 'half_open')),
  -- In a row.
  failures integer not null default 0,
  -- open: until when nobody calls; half_open: until when the one that probes is waited for.
  until timestamptz,
  updated_at timestamptz not null default clock_timestamp(),
  check ((state = 'closed') = (until is null))
);
