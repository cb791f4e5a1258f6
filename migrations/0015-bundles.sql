-- Where workers keep bundles up.

create table sluice.bundle_targets (
  place text primary key check (place <> ''),
  pointers_md5 text,
  sha256 text,
  written_at timestamptz,
  claimed_until timestamptz not null default '-infinity',
  claim uuid,
  problem text,
  failing_since timestamptz
);
comment on table sluice.bundle_targets is
  'where workers write what a label serves, again whenever a pointer of it has moved; one worker of an installation at a time';
comment on column sluice.bundle_targets.place is 'the address without secrets';
comment on column sluice.bundle_targets.pointers_md5 is
  'of the pointers as they were when it was written; null: to be written again, whatever they are';
comment on column sluice.bundle_targets.claimed_until is
  'until when the worker with this claim may write; it gives up well before';
comment on column sluice.bundle_targets.problem is 'why the last attempt failed; null: it did not';
