-- What people are writing, before it is a version.

create table sluice.drafts (
  id uuid primary key,
  prompt text not null check (length(prompt) between 1 and 128),
  base_version integer check (base_version > 0),
  account text not null,
  owner text not null,
  document json not null check (json_typeof(document) = 'object'),
  sample_values json not null default '{}' check (json_typeof(sample_values) = 'object'),
  revision integer not null default 1,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp()
);
comment on table sluice.drafts is
  'what somebody is writing; its prompt need not exist yet. One that nobody has touched for 90 days is removed';
comment on column sluice.drafts.base_version is 'the number of the version that it began as; null: none';
comment on column sluice.drafts.account is 'whose it is: nobody else changes it';
comment on column sluice.drafts.document is
  'a prompt file without its name, in the order in which it was written; it need not be right';
comment on column sluice.drafts.sample_values is 'what its variables are in the preview';
create index drafts_by_prompt on sluice.drafts (prompt, updated_at);
create index drafts_by_time on sluice.drafts (updated_at);

create table sluice.draft_revisions (
  draft uuid not null references sluice.drafts (id) on delete cascade,
  revision integer not null,
  base_version integer,
  document json not null,
  is_kept boolean not null default false,
  at timestamptz not null default clock_timestamp(),
  primary key (draft, revision)
);
comment on table sluice.draft_revisions is
  'how a draft was: one a minute while it is written, and where somebody asked for it; the newest 50';
comment on column sluice.draft_revisions.is_kept is 'somebody asked for it: the next save does not take its place';
