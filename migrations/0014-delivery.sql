-- What deliveries wait for: a worker wakes them when it has come, and holds no slot meanwhile.

alter table sluice.deliveries
  add column awaits jsonb not null default '[]' check (jsonb_typeof(awaits) = 'array');
comment on column sluice.deliveries.awaits is
  'rollouts that it waits for, [{rolloutId, until: live or end}]: when one has come so far, a worker has it look again';
