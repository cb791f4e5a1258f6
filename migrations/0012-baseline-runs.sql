-- Several runs of a baseline are kept and averaged: with the one that happened to be stored, how a harmless version
-- fared depended on its luck.
alter table sluice.baseline_results drop constraint baseline_results_pkey;
alter table sluice.baseline_results add column id bigint generated always as identity primary key;
create index baseline_results_by_key on sluice.baseline_results (reuse_key, recorded_at desc);
