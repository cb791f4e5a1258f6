-- Any edit of an entry shows in its hash.
create or replace function sluice.audit_hash(entry sluice.audit) returns text language sql stable as $$
  select encode(sha256(convert_to(sluice.audit_content(entry), 'UTF8')), 'hex')
$$;
