import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { sql } from "kysely";
import { digestText } from "../digest.ts";
import { invalidInput, SluiceError } from "../domain/errors.ts";
import type { Database } from "./database.ts";
import { tenantGrants, tenantRole, tenantSql } from "./tenant-roles.ts";

/** Who gets a login of their own, in the order in which they are spoken of. */
export const ROLE_KINDS = ["service", "tenant", "reader", "operator", "worker", "server"] as const;
export type RoleKind = (typeof ROLE_KINDS)[number];

const ROLE_PREFIX = "sluice_";

/** In migrations/, as in `migrator.ts`; `KIND.sql` holds all that such a role may do. */
const FOLDER = ["../../migrations/roles/", "../migrations/roles/"]
  .map((folder) => new URL(folder, import.meta.url))
  .find((folder) => existsSync(folder))!;
const NAMED = new RegExp(`\\b${ROLE_PREFIX}(?=(?:${ROLE_KINDS.join("|")})\\b)`, "g");

export interface RoleReport {
  /** The role's name in the cluster. */
  readonly name: string;
  readonly kind: RoleKind;
  /** The tenant that it is for, of a role of kind `tenant` that somebody logs in with. */
  readonly tenant?: string;
  /** It was made just now, without a password. */
  readonly created: boolean;
}

/**
 * What makes the roles, as SQL for whoever may run it: `create role`, then the grants of each.
 *
 * @param prefix stands before each role's kind: roles belong to the cluster, so two installations in one need two
 * @param tenants each gets a login of its own for its services
 */
export async function rolesSql(
  prefix: string = ROLE_PREFIX,
  tenants: readonly string[] = [],
): Promise<string> {
  assertPrefix(prefix);
  const texts = await Promise.all(
    ROLE_KINDS.map(async (kind) => {
      const text = await grantsOf(kind, prefix);
      const [, about, grants] = /^((?:--.*\n)+)([\s\S]*)$/.exec(text)!;
      return `${about}create role ${prefix}${kind} login;\n${grants}`;
    }),
  );
  return [...texts, ...tenants.map((tenant) => tenantSql(tenantRole(prefix, tenant)))].join("\n");
}

/**
 * Makes the roles that are missing, and has each be allowed exactly what `migrations/roles` says: what it was
 * granted beside in the schema is taken back. All in one transaction. They are remembered, and kept up by
 * each later migration ({@link renewRoles}).
 */
export async function grantRoles(
  db: Database,
  prefix: string = ROLE_PREFIX,
  tenants: readonly string[] = [],
): Promise<RoleReport[]> {
  assertPrefix(prefix);
  const logins = tenants.map((tenant) => tenantRole(prefix, tenant));
  return db.transaction().execute(async (transaction) => {
    const reports: RoleReport[] = [];
    for (const kind of ROLE_KINDS) {
      const name = `${prefix}${kind}`;
      const created = !(await exists(transaction, name));
      if (created) await create(transaction, name);
      await grant(transaction, name, kind, prefix);
      reports.push({ name, kind, created });
    }
    for (const login of logins) {
      const created = !(await exists(transaction, login.name));
      if (created) await create(transaction, login.name);
      await sql.raw(tenantGrants(login)).execute(transaction);
      reports.push({ name: login.name, kind: "tenant", tenant: login.tenant, created });
    }
    return reports;
  });
}

/**
 * Says the grants of the roles that {@link grantRoles} made here again, where the schema or the grants have changed
 * since; the names of those whose were said. A role that is gone is forgotten.
 */
export async function renewRoles(db: Database, hasChanged: boolean): Promise<string[]> {
  return db.transaction().execute(async (transaction) => {
    const renewed: string[] = [];
    const { rows } = await sql<{ name: string; kind: RoleKind; sha256: string }>`
      select name, kind, sha256 from sluice.roles order by name`.execute(transaction);
    for (const { name, kind, sha256 } of rows) {
      if (!(await exists(transaction, name))) {
        await sql`delete from sluice.roles where name = ${name}`.execute(transaction);
        continue;
      }
      const prefix = name.slice(0, -kind.length);
      if (!hasChanged && digestText(await grantsOf(kind, prefix)) === sha256) continue;
      await grant(transaction, name, kind, prefix);
      renewed.push(name);
    }
    return renewed;
  });
}

function assertPrefix(prefix: string): void {
  if (/^(?!pg_)[a-z_][a-z0-9_]{0,50}$/.test(prefix)) return;
  throw invalidInput(
    `"${prefix}" cannot begin the names of roles: small letters, digits and _, not pg_, as in ${ROLE_PREFIX}`,
  );
}

async function grantsOf(kind: RoleKind, prefix: string): Promise<string> {
  const text = await readFile(new URL(`${kind}.sql`, FOLDER), "utf8");
  return text.replaceAll(NAMED, prefix);
}

async function exists(db: Database, name: string): Promise<boolean> {
  const { rows } = await sql`select from pg_roles where rolname = ${name}`.execute(db);
  return rows.length > 0;
}

async function create(db: Database, name: string): Promise<void> {
  try {
    await sql`create role ${sql.ref(name)} login`.execute(db);
  } catch (cause) {
    if ((cause as { code?: unknown }).code !== "42501") throw cause;
    throw new SluiceError(
      "forbidden",
      `this login may not create the role ${name}; have somebody who may run the SQL of: sluice migrate --roles --print`,
      { role: name },
      { cause },
    );
  }
}

/** Takes back what it may in the schema, then grants: nobody meets the state between, since both are one transaction. */
async function grant(db: Database, name: string, kind: RoleKind, prefix: string): Promise<void> {
  const role = sql.ref(name);
  await sql`revoke all on all tables in schema sluice from ${role}`.execute(db);
  await sql`revoke all on all sequences in schema sluice from ${role}`.execute(db);
  await sql`revoke all on all functions in schema sluice from ${role}`.execute(db);
  const text = await grantsOf(kind, prefix);
  await sql.raw(text).execute(db);
  await sql`insert into sluice.roles (name, kind, sha256) values (${name}, ${kind}, ${digestText(text)})
    on conflict (name) do update set kind = excluded.kind, sha256 = excluded.sha256, applied_at = now()`.execute(
    db,
  );
}
