-- The tenants that whoever has logged in is for, by the roles that the login holds; empty where it holds what tenants'
-- roles hold and none of one tenant; null for a login of all tenants. It goes by session_user, which neither `set role` nor
-- a function that runs with its owner's rights changes. The owner of the schema and superusers are of all tenants: who has
-- made a role may be a member of it.
create or replace function sluice.tenants_of_login() returns text[] language plpgsql stable
  security definer set search_path = pg_catalog, pg_temp as $$
begin
  return (
    with recursive held (id) as (
      select r.oid from pg_roles r
      where r.rolname = session_user and not r.rolsuper
        and r.oid <> (select n.nspowner from pg_namespace n where n.nspname = 'sluice')
      union
      select m.roleid from held join pg_auth_members m on m.member = held.id
      -- From Postgres 16 on whoever makes a role may be a member of it who neither inherits it nor may be it.
      where coalesce((to_jsonb(m) ->> 'inherit_option')::boolean, true)
         or coalesce((to_jsonb(m) ->> 'set_option')::boolean, true)
    )
    select coalesce(array_agg(distinct t.tenant) filter (where t.tenant is not null), '{}')
    from held join pg_roles r on r.oid = held.id join sluice.tenant_roles t on t.role = r.rolname
    having count(*) > 0);
end $$;
revoke all on function sluice.tenants_of_login() from public;
