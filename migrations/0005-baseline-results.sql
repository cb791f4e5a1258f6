-- What `sluice eval` measured of baselines, by a digest of everything that the result depends on, for the next one
-- to take over. A rollout's gate does not: its evidence is what workers have measured.
create table sluice.baseline_results (
  reuse_key text primary key,
  result jsonb not null,
  recorded_at timestamptz not null default clock_timestamp()
);
create index baseline_results_by_age on sluice.baseline_results (recorded_at);
