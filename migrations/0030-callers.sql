-- What services send for each prompt, as their resolvers and the server tell it: names, types and lengths, never a value.

create table sluice.caller_values (
  prompt text not null references sluice.prompts (name),
  day date not null,
  label text not null,
  service text not null,
  tenant text not null,
  kind text not null check (kind in ('call', 'variable', 'placeholder')),
  name text not null,
  types text[] not null,
  longest bigint not null,
  calls bigint not null,
  first_seen timestamptz not null default clock_timestamp(),
  last_seen timestamptz not null default clock_timestamp(),
  missing_at timestamptz,
  primary key (prompt, day, label, service, tenant, kind, name)
) with (fillfactor = 70);
comment on table sluice.caller_values is
  'what services have sent for each prompt, by day. Written by sluice.report_callers alone';
comment on column sluice.caller_values.tenant is
  'the tenants whose login or key said it, with commas between; empty: one of all tenants';
comment on column sluice.caller_values.kind is
  'call: the renderings themselves, under no name; else what was sent with them';
comment on column sluice.caller_values.longest is
  'characters of a text, items of a list: rounded up to a power of two';
comment on column sluice.caller_values.calls is
  'renderings with it, at least: what could not be told is told again';
comment on column sluice.caller_values.missing_at is
  'when a process of the service last said that it had rendered without it';
