-- Who CI jobs and people are, beside keys.

create table sluice.trust_rules (
  name text primary key check (name ~ '^[a-z0-9][a-z0-9._-]{0,63}$'),
  platform text not null check (platform in ('github', 'gitlab')),
  issuer text not null,
  match jsonb not null check (
    jsonb_typeof(match) = 'object'
    and match ? (case platform when 'github' then 'repository_id' else 'project_id' end)),
  role text not null check (role in ('viewer', 'resolver', 'editor', 'releaser')),
  grants jsonb not null default '{}' check (jsonb_typeof(grants) = 'object'),
  created_by text not null default session_user,
  created_at timestamptz not null default clock_timestamp()
);
comment on table sluice.trust_rules is
  'which CI jobs may do what: a job whose token has all that a rule wants gets the rule''s role for 15 minutes';
comment on column sluice.trust_rules.match is
  'claims and their values. The repository or project is named by its id: a name is given to another one later';

create table sluice.used_tokens (
  issuer text not null,
  jti text not null,
  used_at timestamptz not null default clock_timestamp(),
  primary key (issuer, jti)
);
comment on table sluice.used_tokens is
  'tokens of CI jobs that were exchanged: each is once. Kept for longer than a token is taken after it was issued';
create index used_tokens_by_time on sluice.used_tokens (used_at);

create table sluice.sessions (
  id text primary key check (id ~ '^[a-z0-9]{12}$'),
  proof_sha256 bytea not null check (octet_length(proof_sha256) = 32),
  kind text not null check (kind in ('key', 'person', 'workload', 'proxy')),
  key_id text references sluice.keys (id),
  trust_rule text references sluice.trust_rules (name) on delete cascade,
  name text not null,
  about jsonb not null default '{}' check (jsonb_typeof(about) = 'object'),
  role text check (role in ('viewer', 'resolver', 'editor', 'releaser', 'admin')),
  grants jsonb check (jsonb_typeof(grants) = 'object'),
  opened_by text not null default session_user,
  opened_at timestamptz not null default clock_timestamp(),
  used_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null,
  ended_at timestamptz,
  roles_read_at timestamptz not null default clock_timestamp(),
  reading_since timestamptz,
  sealed_tokens bytea,
  check ((kind = 'key') = (key_id is not null)),
  check ((kind = 'workload') = (trust_rule is not null)),
  check ((kind = 'key') = (role is null) and (kind = 'key') = (grants is null))
);
comment on table sluice.sessions is
  'who has proven for a while who they are: a person or a CI job by an issuer''s token, or whoever showed a key';
comment on column sluice.sessions.name is 'of the person or job, as the audit log has it: the same at every sign-in';
comment on column sluice.sessions.about is 'what else the issuer said: subject, run, e-mail address where it was verified';
comment on column sluice.sessions.role is 'null: that of the key it was opened with, as it is now';
comment on column sluice.sessions.opened_by is 'the login whose word it is that the issuer''s token was good';
comment on column sluice.sessions.roles_read_at is 'when the issuer last said what gives the role';
comment on column sluice.sessions.reading_since is 'a server is asking the issuer again';
comment on column sluice.sessions.sealed_tokens is
  'the issuer''s tokens, encrypted under the session''s own secret, which is kept nowhere';
create index sessions_by_end on sluice.sessions (expires_at);
create index sessions_of_keys on sluice.sessions (key_id) where key_id is not null;
