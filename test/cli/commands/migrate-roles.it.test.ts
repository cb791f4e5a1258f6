import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDatabase, type Database } from "../../../src/storage/database.ts";
import { migrate } from "../../../src/storage/migrator.ts";
import { ROLE_KINDS } from "../../../src/storage/role-grants.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { runSluice } from "../run-sluice.ts";

describe("sluice migrate --roles", () => {
  const prefix = `sluice_${randomUUID().slice(0, 8)}_`;
  const mayNot = `${prefix}nobody`;
  const acme = `${prefix}tenant_acme`;
  let database: TestDatabase;
  let db: Database;
  beforeAll(async () => {
    database = await createTestDatabase();
    db = openDatabase(database.url, { max: 1 });
  });
  afterAll(async () => {
    for (const role of [acme, ...ROLE_KINDS.map((kind) => `${prefix}${kind}`), mayNot])
      await sql.raw(`drop owned by ${role}; drop role ${role}`).execute(db);
    await db.destroy();
    await database.drop();
  });

  const run = (args: readonly string[], url = database.url) =>
    runSluice(["migrate", ...args], { env: { DATABASE_URL: url } });
  const may = async (kind: string, table: string, what: string) => {
    const { rows } = await sql<{ may: boolean }>`
      select has_table_privilege(${prefix + kind}, ${`sluice.${table}`}, ${what}) as may`.execute(db);
    return rows[0]!.may;
  };

  it("makes a role for each part, safe to repeat, and takes back what one was granted beside", async () => {
    const made = await run(["--roles", "--role-prefix", prefix]);
    expect(made).toMatchObject({ code: 0, stderr: expect.stringContaining("no password") });
    for (const kind of ROLE_KINDS) expect(made.stdout).toContain(`made the role ${prefix}${kind}`);
    await sql.raw(`grant select on sluice.audit to ${prefix}service`).execute(db);
    const again = await run(["--roles", "--role-prefix", prefix, "--json"]);
    expect(JSON.parse(again.stdout)).toMatchObject({
      granted: ROLE_KINDS.map((kind) => ({ name: prefix + kind, kind, created: false })),
    });
    expect(await may("service", "audit", "select")).toBe(false);
    expect(await may("service", "pointers", "select")).toBe(true);
  });

  it("makes a login for a tenant's services, safe to repeat", async () => {
    const args = ["--roles", "--role-prefix", prefix, "--tenant", "acme"];
    expect((await run(args)).stdout).toContain(`made the role ${acme} for acme`);
    expect((await run(args)).stdout).toContain(`the role ${acme} may do what its part needs for acme`);
    expect(await run(["--roles", "--tenant", ""])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--tenant is empty"),
    });
    const printed = (await run(["--roles", "--print", "--tenant", "it's"], "")).stdout;
    expect(printed).toMatch(/create role sluice_tenant_[0-9a-f]{12} login;/);
    expect(printed).toContain("'it''s'");
  });

  it("is kept up by a later migration, where a function or a table is new", async () => {
    expect((await run([])).stdout).toContain("nothing to do");
    await sql`drop function sluice.record_batch(jsonb)`.execute(db);
    await sql`update sluice.functions set sha256 = 'of before' where name = 'record_batch'`.execute(db);
    const renewed = (await migrate(db)).roles;
    expect(renewed.toSorted()).toEqual(ROLE_KINDS.map((kind) => prefix + kind).toSorted());
    const { rows } = await sql`select has_function_privilege(${`${prefix}service`},
      'sluice.record_batch(jsonb)', 'execute') as may`.execute(db);
    expect(rows).toEqual([{ may: true }]);
  });

  it("prints the SQL for somebody who may run it, where this login may not", async () => {
    await sql.raw(`create role ${mayNot} login password 'x'`).execute(db);
    const url = new URL(database.url);
    await sql.raw(`grant all on database ${url.pathname.slice(1)} to ${mayNot}`).execute(db);
    await sql.raw(`grant all on schema sluice to ${mayNot}`).execute(db);
    await sql.raw(`grant all on all tables in schema sluice to ${mayNot}`).execute(db);
    url.username = mayNot;
    url.password = "x";
    expect(await run(["--roles", "--role-prefix", `${prefix}z_`], url.href)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("sluice migrate --roles --print"),
    });
    const printed = await run(["--roles", "--print", "--role-prefix", prefix], "");
    expect(printed.stdout).toContain(`create role ${prefix}worker login;`);
    expect(printed.stdout).not.toMatch(/\bsluice_(worker|server)\b/);
    // It is what was made: run again, it changes nothing.
    await sql.raw(printed.stdout.replaceAll(/^create role .*$/gm, "")).execute(db);
    expect(await may("reader", "rollouts", "select")).toBe(true);
    expect(await may("reader", "keys", "select")).toBe(false);
    for (const [args, says] of [
      [["--tenant", "acme"], "--tenant goes with --roles"],
      [["--print"], "--print goes with --roles"],
      [["--role-prefix", "x_"], "--role-prefix goes with --roles"],
      [["--roles", "--role-prefix", "Ann; drop"], "small letters"],
      [["--roles", "--role-prefix", "pg_"], "not pg_"],
    ] as const)
      expect(await run(args)).toMatchObject({ code: 2, stderr: expect.stringContaining(says) });
  });
});
