-- Logins that are of one tenant alone, by the role that they hold.
create table sluice.tenant_roles (
  role text primary key,
  tenant text check (tenant <> '')
);
comment on table sluice.tenant_roles is
  'which tenant a role is for. A login that holds one sees and records that tenant alone (tenants_of_login), and cannot write here';
comment on column sluice.tenant_roles.tenant is
  'null: what the roles of all tenants hold, which alone is of none';
