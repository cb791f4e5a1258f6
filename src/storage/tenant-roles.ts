import { digestText } from "../digest.ts";
import { invalidInput } from "../domain/errors.ts";
import { scopePartProblem } from "../domain/scope.ts";

/** The login of one tenant's services. */
export interface TenantRole {
  readonly name: string;
  readonly tenant: string;
  /** What the logins of all tenants hold. */
  readonly group: string;
}

/** What a role's name can hold of a tenant's as it is; any other is named by its digest. */
const PLAIN = /^[a-z0-9_]{1,12}$/;

/** A name that no tenant can have is `invalid_input`. */
export function tenantRole(prefix: string, tenant: string): TenantRole {
  const problem = tenant === "" ? "is empty" : scopePartProblem("tenant", tenant);
  if (problem !== undefined) throw invalidInput(`--tenant ${problem}`);
  const group = `${prefix}tenant`;
  const part = PLAIN.test(tenant) ? tenant : digestText(tenant).slice(0, 12);
  return { name: `${group}_${part}`, tenant, group };
}

/** Makes the login, for whoever may. */
export function tenantSql(role: TenantRole): string {
  return `-- Services of the tenant ${JSON.stringify(role.tenant)}.\ncreate role ${role.name} login;\n${tenantGrants(role)}`;
}

/** Safe to repeat. Names are of small letters, digits and _ alone. */
export function tenantGrants({ name, tenant, group }: TenantRole): string {
  const text = tenant.replaceAll("'", "''");
  return `grant ${group} to ${name};
insert into sluice.tenant_roles (role, tenant) values ('${name}', '${text}')
  on conflict (role) do update set tenant = excluded.tenant;
`;
}
