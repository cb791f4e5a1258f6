import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDatabase, type Database, type Transaction } from "../../src/storage/database.ts";
import { verifyAudit } from "../../src/storage/read/verify-audit.ts";
import { transact } from "../../src/storage/transact.ts";
import { pushVersion } from "../../src/storage/write/push-version.ts";
import { setPointer } from "../../src/storage/write/set-pointer.ts";
import { scopeColumns } from "../../src/domain/scope.ts";
import { artifact } from "../resolver/support/artifacts.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";

describe("audit --verify", () => {
  let database: TestDatabase;
  let db: Database;
  beforeAll(async () => {
    database = await createTestDatabase();
    db = openDatabase(database.url);
    for (const prompt of ["kept", "other"])
      for (const text of ["one", "two"])
        await transact(db, (t) =>
          pushVersion(t, {
            prompt,
            description: "",
            tags: [],
            artifact: artifact(text),
            author: "ann",
            message: text,
            tokenCount: 1,
            policySha256: null,
          }),
        );
    // Of a prompt, and a default for any prompt whose moves stand in two prompts' chains.
    const ids = await db.selectFrom("versions").select(["id", "prompt"]).orderBy("number").execute();
    const of = (prompt: string, at: number) => ids.filter((one) => one.prompt === prompt)[at]!.id;
    const anyPrompt = scopeColumns({ label: "production", model: "m" });
    for (const [scope, prompt, versionId, expectedRevision] of [
      [scopeColumns({ label: "production", prompt: "kept" }), "kept", of("kept", 0), 0],
      [scopeColumns({ label: "production", prompt: "kept" }), "kept", of("kept", 1), 1],
      [anyPrompt, "kept", of("kept", 0), 0],
      [anyPrompt, "other", of("other", 1), 1],
    ] as const)
      await transact(db, (t) =>
        setPointer(t, {
          operationId: randomUUID(),
          scope,
          prompt,
          versionId,
          expectedRevision,
          reason: "r",
          force: true,
          assertedActor: null,
        }),
      );
  });
  afterAll(async () => {
    await db.destroy();
    await database.drop();
  });

  it("holds every pointer against the newest entry about it, the defaults of any prompt too", async () => {
    expect(await verifyAudit(db)).toMatchObject({ ok: true, broken: [], astray: [] });
  });

  it("of one prompt is written while that of another is held up", async () => {
    const entry = (transaction: Transaction, prompt: string) =>
      sql`insert into sluice.audit (prompt, action) values (${prompt}, 'version_pushed')`.execute(
        transaction,
      );
    await db.transaction().execute(async (held) => {
      await entry(held, "kept");
      const after = (prompt: string) =>
        db.transaction().execute(async (transaction) => {
          // Whoever waits for the other one fails by this, whatever the machine is doing.
          await sql`set local lock_timeout = '500ms'`.execute(transaction);
          await entry(transaction, prompt);
        });
      await after("other");
      await expect(after("kept")).rejects.toMatchObject({ code: "55P03" });
    });
    expect(await verifyAudit(db)).toMatchObject({ ok: true });
  });

  it.each([
    [
      "moved without an entry",
      "update sluice.pointers set revision = revision + 1 where prompt = 'kept'",
      /at revision 3, and the newest entry about it at 2/,
    ],
    [
      "that serves another version",
      "update sluice.pointers set active_version = previous_version where prompt = 'kept'",
      /serves another version than the log has/,
    ],
    [
      "of any prompt that was moved",
      "update sluice.pointers set revision = 9 where prompt = ''",
      /at revision 9/,
    ],
    [
      "that nobody knows of",
      "insert into sluice.pointers (label, prompt) values ('staging', 'kept')",
      /the log has no entry about it/,
    ],
    ["that is gone", "delete from sluice.pointers where prompt = 'kept'", /no such pointer any more/],
  ])("finds a pointer %s, even with the triggers off", async (_, statement, problem) => {
    await db
      .transaction()
      .execute(async (transaction) => {
        await sql`set local session_replication_role = replica`.execute(transaction);
        await sql.raw(statement).execute(transaction);
        const found = await verifyAudit(transaction);
        expect(found).toMatchObject({ ok: false, astray: [{ problem: expect.stringMatching(problem) }] });
        throw new Error("undo");
      })
      .catch((error: Error) => {
        if (error.message !== "undo") throw error;
      });
  });
});
