-- Which database this is: what is kept in Temporal can be told from another installation's.
create table sluice.installation (
  one boolean primary key default true check (one),
  id uuid not null default gen_random_uuid()
);
insert into sluice.installation default values;

alter table sluice.rollouts
  -- Whose decision it waits for: an approval before one of the two points, or an operator's where it is inconclusive.
  add column waiting_for text check (waiting_for in ('canary', 'promote', 'operator')),
  -- Where its workflow is, so that nobody who asks another Temporal takes it for gone.
  add column temporal_namespace text,
  add column temporal_namespace_id text,
  -- Since when Temporal has not known its workflow; null while it does.
  add column missing_since timestamptz;
