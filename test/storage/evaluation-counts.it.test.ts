import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Database, openDatabase } from "../../src/storage/database.ts";
import { countResults } from "../../src/storage/read/evaluation.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { someEvaluation } from "../support/some-evaluation.ts";

describe("the counts of an evaluation", () => {
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

  it("take only what an endpoint has answered here for a sign that it is there, nothing reused", async () => {
    const earlier = await someEvaluation(db);
    const id = randomUUID();
    await sql`insert into sluice.evaluations (id, candidate_version, dataset_sha256, gate_sha256)
      select ${id}, candidate_version, dataset_sha256, gate_sha256 from sluice.evaluations`.execute(db);
    const add = (caseIndex: number, arm: string, result: object, reusedFrom: string | null = null) =>
      sql`insert into sluice.evaluation_results (evaluation_id, arm, case_index, repeat, result, reused_from)
        values (${id}, ${arm}, ${caseIndex}, 0, ${JSON.stringify(result)}, ${reusedFrom})`.execute(db);
    await add(0, "baseline", { pass: true, error: null }, earlier);
    await add(1, "baseline", { pass: true, error: null }, earlier);
    await add(0, "candidate", { pass: false, error: "the endpoint was away" });
    expect(await countResults(db, id)).toMatchObject({ recorded: 3, errors: 1, answered: 0 });
    await add(1, "candidate", { pass: false, error: null });
    expect(await countResults(db, id)).toMatchObject({ recorded: 4, answered: 1, candidateFails: 1 });
  });
});
