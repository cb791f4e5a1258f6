-- That a Langfuse client has got a prompt.
create or replace function sluice.note_langfuse_read(prompt text) returns void language sql
  security definer set search_path = pg_catalog, pg_temp as $$
  insert into sluice.langfuse_reads as r (prompt) values (note_langfuse_read.prompt)
  on conflict (prompt) do update set at = excluded.at
$$;
revoke all on function sluice.note_langfuse_read(text) from public;
