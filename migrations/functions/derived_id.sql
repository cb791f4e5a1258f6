-- A UUID of version 8 that is always the same for a name: the bits of its SHA-256, behind the time that it is of (in ms
-- since 1970, up to 48 bits) where that is as fixed as the name. Ids of one time lie side by side in their index.
create or replace function sluice.derived_id(name text, at_ms double precision) returns uuid language sql immutable
  set search_path = pg_catalog, pg_temp as $$
  select (case when at_ms is null then left(h, 12) else lpad(to_hex(at_ms::bigint), 12, '0') end
    || '8' || substr(h, 14, 3) || 'a' || substr(h, 18, 3) || substr(h, 21, 12))::uuid
  from encode(sha256(convert_to(name, 'UTF8')), 'hex') h
$$;
