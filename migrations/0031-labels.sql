-- Labels that not everybody may move. One that is not here is not protected.
create table sluice.labels (
  label text primary key check (label ~ '^[a-z0-9_.-]{1,36}$'),
  protected boolean not null,
  updated_at timestamptz not null default clock_timestamp()
);
insert into sluice.labels (label, protected) values ('production', true);
