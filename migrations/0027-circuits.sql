-- What the processes that call models tell each other of endpoints that fail.

create unlogged table sluice.circuits (
  provider text not null check (length(provider) <= 32),
  endpoint text not null check (length(endpoint) <= 2000),
  model text not null check (length(model) <= 200),
  open_until timestamptz not null,
  probe_until timestamptz,
  reason text not null check (length(reason) <= 64),
  primary key (provider, endpoint, model)
);
comment on table sluice.circuits is
  'endpoints and models that have failed too often. Written by sluice.exchange_circuits alone; lost with a crash, and learnt again';
comment on column sluice.circuits.model is 'empty: the endpoint itself, which could not be reached';
comment on column sluice.circuits.probe_until is 'one process tries, and nobody else until then';
