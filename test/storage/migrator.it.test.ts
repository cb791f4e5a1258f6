import { sql } from "kysely";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openDatabase, type Database } from "../../src/storage/database.ts";
import { assertMigrated, knownFunctions, knownMigrations, migrate } from "../../src/storage/migrator.ts";
import { runSluice } from "../cli/run-sluice.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";

describe("migrations", () => {
  let database: TestDatabase;
  let db: Database;
  beforeEach(async () => {
    database = await createTestDatabase();
    db = openDatabase(database.url);
  });
  afterEach(async () => {
    await db.destroy();
    await database.drop();
  });

  it("are applied once, also by several processes at the same moment", async () => {
    await sql`drop schema sluice cascade`.execute(db);
    await expect(assertMigrated(db)).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringMatching(/sluice migrate/),
    });
    const reports = await Promise.all([migrate(db), migrate(db), migrate(db)]);
    const known = await knownMigrations();
    expect(reports.flatMap((report) => report.applied)).toHaveLength(known.length);
    const names = (await knownFunctions()).map(({ name }) => name);
    expect(reports.flatMap((report) => report.functions)).toEqual(names);
    await assertMigrated(db);
  });

  it("put back a function of another text, and until then refuse to work with it", async () => {
    const before = await functionText(db);
    await sql`create or replace function sluice.measurement(value jsonb) returns double precision
      language sql immutable as 'select 42::double precision'`.execute(db);
    await sql`update sluice.functions set sha256 = 'of-another-release' where name = 'measurement'`.execute(
      db,
    );
    await expect(assertMigrated(db)).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringMatching(/measurement.*sluice migrate/),
    });
    expect(await migrate(db)).toMatchObject({ applied: [], functions: ["measurement"] });
    expect(await functionText(db)).toBe(before);
    await assertMigrated(db);
  });

  it("of a newer Sluice are refused, before anything is done", async () => {
    await sql`insert into sluice.migrations (id, name, sha256) values (9999, 'from-tomorrow', 'x')`.execute(
      db,
    );
    await expect(migrate(db)).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringMatching(/newer Sluice/),
    });
    await expect(assertMigrated(db)).rejects.toMatchObject({ code: "conflict" });
    const env = { DATABASE_URL: database.url, TEMPORAL_ADDRESS: "127.0.0.1:1" };
    const parts = [
      ["server", "--listen", "127.0.0.1:0"],
      ["worker"],
      ["labels", "protect", "l", "--reason", "r"],
    ];
    const ended = await Promise.all(parts.map((args) => runSluice(args, { env })));
    for (const { code, stderr } of ended) {
      expect(stderr).toMatch(/^sluice.*: .*at migration 9999 \(from-tomorrow\).*use the newer Sluice\n$/m);
      expect(code).toBe(4);
    }
  });

  it("of before the first release are refused, with what to do", async () => {
    await sql`update sluice.migrations set name = 'initial', sha256 = 'x' where id = 1`.execute(db);
    for (const refused of [migrate, assertMigrated])
      await expect(refused(db)).rejects.toMatchObject({
        code: "conflict",
        message: expect.stringMatching(/before the first release.*start with an empty one/),
      });
  });

  it("that were edited after they were applied are refused", async () => {
    await sql`update sluice.migrations set sha256 = 'x' where id = 1`.execute(db);
    await expect(migrate(db)).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringMatching(/differs/),
    });
  });
});

async function functionText(db: Database): Promise<string> {
  const { rows } = await sql<{ text: string }>`
    select pg_get_functiondef('sluice.measurement(jsonb)'::regprocedure) as text`.execute(db);
  return rows[0]!.text;
}
