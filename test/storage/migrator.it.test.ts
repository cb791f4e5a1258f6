import { sql } from "kysely";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openDatabase, type Database } from "../../src/storage/database.ts";
import { assertMigrated, knownMigrations, migrate } from "../../src/storage/migrator.ts";
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
  });

  it("that were edited after they were applied are refused", async () => {
    await sql`update sluice.migrations set sha256 = 'x' where id = 1`.execute(db);
    await expect(migrate(db)).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringMatching(/differs/),
    });
  });
});
