-- Ends a key that can do no more than that of the admin whom the transaction acts for: at once, or, where another one
-- takes its place, after so many ms. False where there is no such key, or it was revoked before.
create or replace function sluice.end_key(key_id text, successor text, overlap_ms double precision) returns boolean
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  admin sluice.keys := sluice.acting_admin();
begin
  update sluice.keys k set
    replaced_by = coalesce(successor, k.replaced_by),
    revoked_at = case when successor is null then clock_timestamp() end,
    expires_at = case when successor is null then k.expires_at
      else least(k.expires_at, clock_timestamp() + overlap_ms * interval '1 millisecond') end
  where k.id = key_id and k.revoked_at is null and sluice.covers_grants(admin.grants, k.grants);
  return found;
end $$;
revoke all on function sluice.end_key(text, text, double precision) from public;
