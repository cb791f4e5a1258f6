-- Who may do what over HTTP. A secret is never here: what is stored is the SHA-256 of its SHA-256, and what a server
-- sends is its SHA-256, so that neither a dump nor a logged statement lets anybody in.
create table sluice.keys (
  id text primary key check (id ~ '^[a-z0-9]{12}$'),
  proof_sha256 bytea not null check (octet_length(proof_sha256) = 32),
  name text not null,
  role text not null check (role in ('viewer', 'resolver', 'editor', 'releaser', 'admin')),
  -- {labels, prompts, tenants, force}: a list that is absent means all.
  grants jsonb not null default '{}' check (jsonb_typeof(grants) = 'object'),
  owner text not null,
  created_by text not null default session_user,
  created_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz,
  revoked_at timestamptz,
  replaced_by text references sluice.keys (id),
  last_used_at timestamptz
);
create index keys_by_name on sluice.keys (name);

-- Whom the transaction that a backend is in acts for: act_as alone writes it. It matters for no longer than that
-- transaction, so nothing is lost with it.
create unlogged table sluice.acting (
  pid integer primary key,
  xid xid8 not null,
  principal jsonb not null
);

-- Who did it by proof, where something was proven: {kind, id, name, by}. The database fills it in.
alter table sluice.audit add column principal jsonb;

-- Servers remember a checked key for a moment; this makes them forget it at once.
create function sluice.tell_of_key() returns trigger language plpgsql
  security definer set search_path = pg_catalog, pg_temp as $$
begin
  if (new.role, new.grants, new.expires_at, new.revoked_at)
     is distinct from (old.role, old.grants, old.expires_at, old.revoked_at) then
    perform pg_notify('sluice_keys', new.id);
  end if;
  return null;
end $$;
create trigger keys_told after update on sluice.keys for each row execute function sluice.tell_of_key();
