-- Adds to what came in by a key: {kind: n}.
create or replace function sluice.count_langfuse(key_id text, counts jsonb) returns void language sql
  set search_path = pg_catalog, pg_temp as $$
  insert into sluice.langfuse_intake (key_id, kind, n)
  select key_id, kind, n::bigint from jsonb_each_text(counts) c (kind, n) where n::bigint > 0 order by kind
  on conflict (key_id, kind) do update set n = langfuse_intake.n + excluded.n, newest_at = excluded.newest_at
$$;
revoke all on function sluice.count_langfuse(text, jsonb) from public;
