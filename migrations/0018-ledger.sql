-- What each promotion has cost: small losses, each within its margin, add up. One row a promotion that was
-- decided by evidence, written by the transaction that moves the pointer. Where a version stands at its anchor
-- (proven superior, or named by an operator) what came before it does not count.
create table sluice.ledger_steps (
  id bigint generated always as identity primary key,
  label text not null,
  prompt text not null references sluice.prompts (name),
  model text not null,
  tenant text not null,
  -- What became active, and what it was compared with.
  version_id uuid not null references sluice.versions (id),
  baseline_id uuid references sluice.versions (id),
  rollout_id uuid unique references sluice.rollouts (id),
  anchor boolean not null,
  -- {metric: {loss, se}}: loss above 0 is worse; a part of the control's mean where the margin is relative.
  metrics jsonb not null default '{}',
  at timestamptz not null default clock_timestamp(),
  check (anchor or baseline_id is not null)
);
create index ledger_steps_by_version on sluice.ledger_steps (prompt, label, model, tenant, version_id, id desc);
comment on table sluice.ledger_steps is
  'losses of each promotion, walked back from the version that is served to its anchor: see canary.total_margin';

alter table sluice.rollouts
  -- The so many-th try of the same content in this scope within 30 days.
  add column attempt integer not null default 1 check (attempt > 0),
  -- What earlier steps have used of each metric's margin when the rollout began: {anchor, metrics: {metric: {spent, steps}}}.
  add column ledger jsonb;
