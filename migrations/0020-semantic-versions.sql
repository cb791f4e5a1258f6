-- The semantic version of each version, derived from what changed when it was pushed. Versions that are here
-- already get theirs from fill-semantic-versions.ts, in this migration's transaction.
alter table sluice.versions
  add column semver text check (semver ~ '^\d+\.\d+\.\d+$'),
  add constraint versions_semver_once unique (prompt, semver);
