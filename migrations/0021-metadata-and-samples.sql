-- What the people who push a version want kept beside it. It shapes no answer, so it is not in the hash.
alter table sluice.versions add column metadata jsonb not null default '{}'
  check (jsonb_typeof(metadata) = 'object');

-- What users said and what a service sampled is looked up by version.
create index outcomes_with_sample on sluice.outcomes (version_id, received_at) where sample is not null;
