-- Budgets of a day of UTC that stop calls once they are spent, and alerts of scopes that fall silent.

create table sluice.budget_sums (
  one boolean primary key default true check (one),
  summed_at timestamptz not null,
  spent jsonb not null
);
comment on table sluice.budget_sums is
  'which of the budgets that stop calls were spent when that was last summed, in one row. Written by sluice.spent_budgets alone, once a second at most';
insert into sluice.budget_sums (summed_at, spent) values ('-infinity', '[]');

create index monitors_that_stop on sluice.monitors (prompt) where spec -> 'stop' = 'true'::jsonb;

alter table sluice.alerts drop constraint alerts_kind_check;
alter table sluice.alerts add constraint alerts_kind_check check (kind in ('rate', 'cost', 'drift', 'silent'));
