-- What Git says is to be served, and how versions get there.

create table sluice.manifests (
  repository text primary key check (repository <> ''),
  branch text not null check (branch <> ''),
  commit text not null check (commit ~ '^[0-9a-f]{40,64}$'),
  committed_at timestamptz not null,
  owner text not null check (owner in ('git', 'both')),
  revision bigint not null default 1,
  published_by text not null default session_user,
  asserted_by text,
  published_at timestamptz not null default clock_timestamp()
);
comment on table sluice.manifests is
  'what the prompts of a repository are at the commit that was applied last; replaced by compare-and-set on its revision';
comment on column sluice.manifests.repository is
  'its address without protocol and login, and after a colon the folder of its sluice.yaml where that is not the top';
comment on column sluice.manifests.owner is
  'git: no other content of its prompts is saved or made live by hand, but in an emergency';

create table sluice.environments (
  repository text not null references sluice.manifests (repository) on delete cascade,
  position integer not null,
  name text not null,
  label text not null,
  model text not null default '',
  tenant text not null default '',
  from_environment text,
  live_for_ms bigint not null default 0 check (live_for_ms >= 0),
  primary key (repository, name, model, tenant),
  unique (repository, label, model, tenant)
);
comment on table sluice.environments is 'where a repository''s versions are taken, in order: one row a scope';
comment on column sluice.environments.from_environment is
  'a version has to be live there first, in all of its scopes, for live_for_ms: moves of pointers are held to it';

create table sluice.manifest_prompts (
  prompt text primary key,
  repository text not null references sluice.manifests (repository) on delete cascade,
  path text not null,
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$')
);
comment on table sluice.manifest_prompts is
  'the prompts of a manifest, each from one repository; the version may be yet to be pushed';
create index manifest_prompts_by_repository on sluice.manifest_prompts (repository);

create table sluice.deliveries (
  id uuid primary key default gen_random_uuid(),
  prompt text not null references sluice.prompts (name),
  commit text not null,
  repository text not null,
  branch text not null,
  version_id uuid not null references sluice.versions (id),
  policies jsonb not null default '{}' check (jsonb_typeof(policies) = 'object'),
  needs_approval text[] not null default '{}',
  also text[] not null default '{}' check (also <@ array['refused', 'older']),
  state text not null default 'rolling_out'
    check (state in ('rolling_out', 'waiting', 'delivered', 'replaced', 'refused', 'stopped')),
  reason text not null default '',
  wakes_at timestamptz,
  started_by text not null default session_user,
  asserted_by text,
  started_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  ended_at timestamptz,
  unique (prompt, commit),
  check ((ended_at is not null) = (state in ('delivered', 'replaced', 'refused', 'stopped')))
);
comment on table sluice.deliveries is
  'one version of a prompt on its way through the environments, for one commit; its workflow is deliver:PROMPT:COMMIT';
comment on column sluice.deliveries.policies is
  'environment to the SHA-256 of the policy that its rollout follows; the prompt''s own where there is none';
comment on column sluice.deliveries.needs_approval is
  'labels on which whoever applied the commit may only ask for a rollout: a releaser approves it';
comment on column sluice.deliveries.also is
  'what is started only because somebody asked for it: content that was tried there and refused, or is older';
comment on column sluice.deliveries.wakes_at is 'when it looks again by itself';
create index deliveries_open on sluice.deliveries (repository) where ended_at is null;

create table sluice.drift (
  repository text not null references sluice.manifests (repository) on delete cascade,
  prompt text not null,
  environment text not null default '',
  label text not null default '',
  model text not null default '',
  tenant text not null default '',
  kind text not null check (kind in ('git_ahead', 'refused', 'store_ahead', 'unknown')),
  live text,
  rollout_id uuid,
  message text not null,
  since timestamptz not null default clock_timestamp(),
  told_at timestamptz,
  primary key (repository, prompt, environment, label, model, tenant)
);
comment on table sluice.drift is
  'where what is served is not what the published manifest says, as the last look of the schedule found it';
comment on column sluice.drift.since is 'when it was first seen, of this kind';
comment on column sluice.drift.told_at is 'when webhooks were told of it; null: not yet';

create table sluice.drift_looks (
  one boolean primary key default true check (one),
  looked_at timestamptz not null
);
comment on table sluice.drift_looks is 'when the schedule last compared all manifests with what is served, in one row';
