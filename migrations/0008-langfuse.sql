-- What Langfuse's clients report comes in pieces, in any order and through any server: a generation, later its end, the
-- trace's user, a score of it before or after. Unlogged: what a crash loses of it are scores of generations before it.

create unlogged table sluice.langfuse_units (
  trace text not null,
  key_id text not null,
  unit text not null,
  at timestamptz not null default clock_timestamp(),
  primary key (trace, key_id)
);
comment on table sluice.langfuse_units is
  'whose trace it is, by digest, from the key that has said so: nobody names the user of another key''s generations';
create index langfuse_units_by_time on sluice.langfuse_units (at);

create unlogged table sluice.langfuse_held (
  trace text not null,
  observation text not null,
  key_id text not null,
  generation jsonb not null,
  metrics jsonb not null,
  at timestamptz not null default clock_timestamp(),
  primary key (trace, observation, key_id)
);
comment on table sluice.langfuse_held is 'generations whose end or whose user has not been heard of yet';
comment on column sluice.langfuse_held.generation is
  '{version, prompt, label, model, tenant, rollout, arm, epoch, unit, startedMs, endedMs}, as far as they are known';
create index langfuse_held_by_time on sluice.langfuse_held (at);

create unlogged table sluice.langfuse_links (
  trace text not null,
  observation text not null,
  key_id text not null,
  prompt text not null,
  version_id uuid not null,
  rollout_id uuid,
  unit text,
  label text not null,
  model text not null,
  tenant text not null,
  at timestamptz not null default clock_timestamp(),
  primary key (trace, observation, key_id)
);
comment on table sluice.langfuse_links is
  'generations that were counted, for the scores that come later: kept for the longest window of a rollout that is on, and a week at least';
create index langfuse_links_by_time on sluice.langfuse_links (at);

create unlogged table sluice.langfuse_waiting (
  trace text not null,
  score text not null,
  key_id text not null,
  observation text,
  metrics jsonb not null,
  feedback text,
  grants jsonb not null,
  at timestamptz not null default clock_timestamp(),
  joined_at timestamptz,
  primary key (trace, score, key_id)
);
comment on table sluice.langfuse_waiting is
  'scores of the last hour: most come before their generation, and one of a trace is also of prompts that it uses later';
comment on column sluice.langfuse_waiting.grants is 'of the key that sent it: a score joins what that key may write';
create index langfuse_waiting_by_time on sluice.langfuse_waiting (at);

create table sluice.langfuse_intake (
  key_id text not null,
  kind text not null,
  n bigint not null,
  newest_at timestamptz not null default clock_timestamp(),
  primary key (key_id, kind)
);
comment on table sluice.langfuse_intake is
  'what came in from Langfuse''s clients, by what became of it, a key: their answers always say that all is well';

create unlogged table sluice.langfuse_reads (
  prompt text primary key,
  at timestamptz not null default clock_timestamp()
);
comment on table sluice.langfuse_reads is
  'when Langfuse''s clients last got each prompt: a version that they could not be served is refused while they do';
