-- What lists of versions and prompts are asked of each line, however many pointers and entries there are.

create index pointers_by_active on sluice.pointers (active_version) where active_version is not null;
create index audit_by_served on sluice.audit (to_version)
  where action in ('pointer_set', 'promoted', 'rolled_back') and to_version is not null;
