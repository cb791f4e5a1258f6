-- What was done, what could not be done, and by whom.

create table sluice.operations (
  id text primary key,
  request_sha256 text not null,
  outcome jsonb not null,
  applied_at timestamptz not null default now()
);
comment on table sluice.operations is 'an operation is applied once: whoever asks again gets the stored outcome';

create table sluice.dead_letters (
  id uuid primary key default gen_random_uuid(),
  operation_id text not null unique,
  operation text not null,
  prompt text,
  rollout_id uuid,
  payload jsonb not null,
  error jsonb not null,
  status text not null default 'open' check (status in ('open', 'redriven', 'discarded')),
  created_at timestamptz not null default now(),
  resolved_at timestamptz,
  resolved_by text,
  resolution text
);
comment on column sluice.dead_letters.operation_id is 'filing the same failure twice files one letter';
create index dead_letters_open on sluice.dead_letters (created_at) where status = 'open';

create table sluice.audit_heads (
  prompt text primary key,
  seq bigint not null,
  hash text not null
);
comment on table sluice.audit_heads is
  'one chain of hashes a prompt; the head''s row is the lock that orders its entries';

create table sluice.audit (
  prompt text not null,
  seq bigint not null,
  at timestamptz not null,
  actor text not null,
  asserted_actor text,
  action text not null,
  label text,
  model text,
  tenant text,
  rollout_id uuid,
  operation_id text,
  from_version uuid,
  to_version uuid,
  revision bigint,
  reason text,
  details jsonb not null default '{}',
  principal jsonb,
  previous_hash text not null,
  hash text not null,
  primary key (prompt, seq)
);
comment on table sluice.audit is
  'who changed what, when and why. Number, time, login, principal and hashes are the database''s (chain_audit), whatever was written';
comment on column sluice.audit.actor is 'the database''s login; asserted_actor is who that says it is';
comment on column sluice.audit.principal is 'who did it by proof, where something was proven: {kind, id, name, by}';
create index audit_by_time on sluice.audit (at);
create index audit_by_rollout on sluice.audit (rollout_id, seq) where rollout_id is not null;
-- What a move of a pointer is checked against, and where `audit --verify` finds a pointer's newest entry.
create index audit_by_revision on sluice.audit (prompt, revision) where revision is not null;
create index audit_of_defaults on sluice.audit (model, revision) where details ->> 'anyPrompt' = 'true';
create trigger audit_never_changes before update or delete on sluice.audit
  for each row execute function sluice.refuse_change();
create trigger audit_never_truncated before truncate on sluice.audit
  execute function sluice.refuse_change();

create table sluice.keys (
  id text primary key check (id ~ '^[a-z0-9]{12}$'),
  proof_sha256 bytea not null check (octet_length(proof_sha256) = 32),
  name text not null,
  role text not null check (role in ('viewer', 'resolver', 'editor', 'releaser', 'admin')),
  grants jsonb not null default '{}' check (jsonb_typeof(grants) = 'object'),
  owner text not null,
  created_by text not null default session_user,
  created_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz,
  revoked_at timestamptz,
  replaced_by text references sluice.keys (id),
  last_used_at timestamptz
);
comment on table sluice.keys is 'who may do what over HTTP';
comment on column sluice.keys.proof_sha256 is
  'SHA-256 of the SHA-256 of the secret; a server sends its SHA-256. Neither a dump nor a logged statement lets anybody in';
comment on column sluice.keys.grants is '{labels, prompts, tenants, force}: a list that is absent means all';
create index keys_by_name on sluice.keys (name);

create unlogged table sluice.acting (
  pid integer primary key,
  xid xid8 not null,
  principal jsonb not null
);
comment on table sluice.acting is
  'whom the transaction that a backend is in acts for: act_as alone writes it. It matters for no longer than that transaction, so nothing is lost with it';

create table sluice.labels (
  label text primary key check (label ~ '^[a-z0-9_.-]{1,36}$'),
  protected boolean not null,
  on_direct_move text not null default 'rollout' check (on_direct_move in ('rollout', 'refuse')),
  updated_at timestamptz not null default clock_timestamp()
);
comment on table sluice.labels is 'labels that not everybody may move; one that is not here is not protected';
comment on column sluice.labels.on_direct_move is
  'what a move without evidence comes to where the label is protected, asked for by a tool that knows no rollouts';
insert into sluice.labels (label, protected) values ('production', true);
