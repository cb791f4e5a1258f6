-- What a label asks of every move to it, for prompts of no repository, too.

alter table sluice.labels
  add column from_label text check (from_label ~ '^[a-z0-9_.-]{1,36}$'),
  add column live_for_ms bigint not null default 0 check (live_for_ms >= 0),
  add constraint labels_from_another check (from_label <> label),
  add constraint labels_live_for_needs_from check (live_for_ms = 0 or from_label is not null);
comment on column sluice.labels.from_label is
  'a version has to be live at this label first, for live_for_ms: moves of pointers are held to it';
