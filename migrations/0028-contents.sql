-- What is too large for a row is kept outside of the database, by its hash.

create table sluice.contents (
  sha256 text primary key check (sha256 ~ '^[0-9a-f]{64}$'),
  bytes bigint not null,
  place text not null,
  written_at timestamptz not null default clock_timestamp()
);
comment on table sluice.contents is
  'what is kept in the content store, or was about to be: a row is written before its content, and removed after it';
comment on column sluice.contents.sha256 is 'of the text, which is JSON';
comment on column sluice.contents.place is 'for people: where it was written last';

alter table sluice.documents alter column body drop not null;
alter table sluice.documents add column content_sha256 text references sluice.contents (sha256);
alter table sluice.documents add constraint documents_have_one_body check ((body is null) <> (content_sha256 is null));
comment on column sluice.documents.content_sha256 is 'where the body is not here: its content';
create index documents_content on sluice.documents (content_sha256) where content_sha256 is not null;
