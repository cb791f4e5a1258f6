-- Whom a dead letter was told to: those that are here were there before anybody was told.

alter table sluice.dead_letters add column told_at timestamptz;
comment on column sluice.dead_letters.told_at is
  'when the webhooks of its prompt were told that letters have come; null: not yet';
update sluice.dead_letters set told_at = clock_timestamp();
create index dead_letters_untold on sluice.dead_letters (created_at) where told_at is null;
