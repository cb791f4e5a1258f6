-- Who serves what: each resolver says which pointers it has in memory, and at which revision. Unlogged: written every
-- few seconds, and worth nothing after a crash, since every resolver then says it again.

create unlogged table sluice.instances (
  id uuid primary key,
  host text not null,
  pid integer not null,
  sdk_version text not null,
  label text not null,
  started_at timestamptz not null default clock_timestamp(),
  seen_at timestamptz not null default clock_timestamp()
) with (fillfactor = 50);

create unlogged table sluice.instance_serves (
  instance_id uuid not null references sluice.instances (id) on delete cascade,
  label text not null,
  prompt text not null,
  model text not null,
  tenant text not null,
  revision bigint not null,
  confirmed_at timestamptz not null default clock_timestamp(),
  primary key (instance_id, label, prompt, model, tenant)
) with (fillfactor = 50);
comment on column sluice.instance_serves.revision is
  'the newest that the instance serves; 0: it cannot serve what the pointer names';
create index instance_serves_by_scope on sluice.instance_serves (prompt, label, model, tenant);
