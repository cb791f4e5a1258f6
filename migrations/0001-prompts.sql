-- Prompts and their versions. Everything that Sluice holds to be true is in the schema `sluice`; nothing outside of
-- it is touched. Absent parts of a scope are stored as '', so that plain unique constraints hold. Functions, and the
-- triggers that call them, are in functions/: they are replaced whenever their text has changed.

-- Versions, documents and audit entries never change.
create function sluice.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'sluice.% is append-only: % refused', tg_table_name, lower(tg_op)
    using errcode = 'restrict_violation';
end $$;

create table sluice.installation (
  one boolean primary key default true check (one),
  id uuid not null default gen_random_uuid()
);
comment on table sluice.installation is
  'which database this is, in one row: what is kept in Temporal can be told from another installation''s';
insert into sluice.installation default values;

create table sluice.documents (
  sha256 text primary key check (sha256 ~ '^[0-9a-f]{64}$'),
  kind text not null check (kind in ('policy', 'dataset')),
  name text not null,
  body jsonb not null,
  created_at timestamptz not null default now()
);
comment on table sluice.documents is
  'policies and datasets by the SHA-256 of their canonical JSON: workers need no files';
create trigger documents_never_change before update or delete on sluice.documents
  for each row execute function sluice.refuse_change();
create trigger documents_never_truncated before truncate on sluice.documents
  execute function sluice.refuse_change();

create table sluice.prompts (
  name text primary key,
  description text not null default '',
  tags text[] not null default '{}',
  policy_sha256 text references sluice.documents (sha256),
  archived_at timestamptz,
  created_at timestamptz not null default now()
);
comment on column sluice.prompts.policy_sha256 is
  'what a rollout follows when none is named: the policy of the file that was pushed last';

create table sluice.versions (
  id uuid primary key default gen_random_uuid(),
  prompt text not null references sluice.prompts (name),
  number integer not null check (number > 0),
  semver text not null check (semver ~ '^\d+\.\d+\.\d+$'),
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  artifact jsonb not null,
  model text not null,
  description text not null default '',
  tags text[] not null default '{}',
  metadata jsonb not null default '{}' check (jsonb_typeof(metadata) = 'object'),
  author text not null,
  message text not null default '',
  token_count integer not null,
  created_at timestamptz not null default now(),
  unique (prompt, number),
  unique (prompt, sha256),
  constraint versions_semver_once unique (prompt, semver)
);
comment on table sluice.versions is 'what can be served: immutable, one row for each different content of a prompt';
comment on column sluice.versions.semver is 'derived from what changed when it was pushed';
comment on column sluice.versions.sha256 is 'of the artifact''s canonical JSON (RFC 8785)';
comment on column sluice.versions.metadata is 'shapes no answer, so it is not in the hash';
comment on column sluice.versions.token_count is 'of its fixed text, before any variables';
-- Which versions include another one: asked by prompt, and by prompt and number.
create index versions_by_include on sluice.versions using gin ((artifact -> 'includes') jsonb_path_ops)
  where artifact ? 'includes';
create trigger versions_never_change before update or delete on sluice.versions
  for each row execute function sluice.refuse_change();
create trigger versions_never_truncated before truncate on sluice.versions
  execute function sluice.refuse_change();
