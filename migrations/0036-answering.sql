-- What answers calls, as vendors name it: a model may be changed under the name that is asked for.

create table sluice.answering (
  version_id uuid not null,
  label text not null,
  model text not null,
  tenant text not null,
  hour timestamptz not null,
  name text not null,
  n bigint not null,
  primary key (version_id, hour, name, label, model, tenant)
);
comment on table sluice.answering is 'which name the vendor gave of what has answered, in how many outcomes of an hour';
alter table sluice.monitors add column answering jsonb;
alter table sluice.monitors add column is_due boolean not null default false;
comment on column sluice.monitors.answering is
  '{target, names}: what has answered most calls of what asks this model, the newest last. Written by workers';
comment on column sluice.monitors.is_due is 'its tests are to be asked again out of turn, once. Written by workers';
