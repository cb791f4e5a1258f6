import { invalidInput } from "../../../domain/errors.ts";
import { visible } from "../../../domain/text/visible.ts";
import type { Database } from "../../../storage/database.ts";
import { migrate, type MigrationReport } from "../../../storage/migrator.ts";
import { reservedConnections } from "../../../storage/read/reserved-connections.ts";
import { grantRoles, rolesSql, type RoleReport } from "../../../storage/role-grants.ts";
import type { CommandContext } from "../../context.ts";
import type { Given } from "../../parsing/given.ts";
import { withOwnDatabase } from "../../store.ts";

export async function run(context: CommandContext, given: Given<"migrate">): Promise<void> {
  const { output } = context;
  const withRoles = given.flag("roles");
  const prefix = given.text("rolePrefix");
  const tenants = given.list("tenant");
  const extra = prefix === undefined ? (tenants.length > 0 ? "tenant" : "print") : "role-prefix";
  if (!withRoles && (given.flag("print") || extra !== "print"))
    throw invalidInput(`--${extra} goes with --roles`);
  if (given.flag("print")) {
    const text = await rolesSql(prefix, tenants);
    return output.fileResult({ sql: text }, () => text);
  }
  const work = async (db: Database) => {
    const done = await migrate(db);
    const granted = withRoles ? await grantRoles(db, prefix, tenants) : undefined;
    await warnUnreserved(context, db);
    return { ...done, ...(granted && { granted }) };
  };
  // It may take as long as it takes, and wait for another one.
  const report = await withOwnDatabase(context, work, { queryTimeoutMs: 0 });
  output.result(report, () => [...lines(report), ...(report.granted ?? []).map(roleLine)]);
  const fresh = report.granted?.find(({ created }) => created);
  if (fresh)
    output.note(
      `the new roles have no password: give each one (alter role ${fresh.name} password '...') or another way to log in`,
    );
}

function lines({ applied, functions, roles, current }: MigrationReport): string[] {
  if (applied.length + functions.length + roles.length === 0)
    return [`nothing to do: the database is at migration ${current}`];
  return [
    ...applied.map((name) => `applied ${name}`),
    ...functions.map((name) => `renewed the function ${name}`),
    ...roles.map((name) => `renewed the grants of ${name}`),
    `the database is at migration ${current}`,
  ];
}

function roleLine({ name, created, tenant }: RoleReport): string {
  const forWhom = tenant === undefined ? "" : ` for ${visible(tenant)}`;
  return created
    ? `made the role ${name}${forWhom}`
    : `the role ${name} may do what its part needs${forWhom}`;
}

/** A way back that needs a connection is open only while there is one. */
async function warnUnreserved({ output }: CommandContext, db: Database): Promise<void> {
  const { reserved, login, maxConnections } = await reservedConnections(db);
  if (reserved) return;
  output.note(
    `no connection is reserved for ${login}: when services have taken all ${maxConnections}, sluice rollback gets none (docs/reference/operations.md, Connections)`,
  );
}
