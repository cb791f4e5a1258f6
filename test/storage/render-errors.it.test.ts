import { afterAll, beforeAll, expect, it } from "vitest";
import { readPolicyFile } from "../../src/domain/policy/policy-file.ts";
import { openDatabase, type Database } from "../../src/storage/database.ts";
import { statusOfRollout } from "../../src/storage/read/rollout-status.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { report, storeRollout } from "../support/stored-rollout.ts";

let database: TestDatabase;
let db: Database;
beforeAll(async () => {
  database = await createTestDatabase();
  db = openDatabase(database.url);
});
afterAll(async () => {
  await db.destroy();
  await database.drop();
});

it("a candidate that services cannot render is one of which the status says so, and of its baseline nothing is said", async () => {
  const policy = `
canary:
  stages: [{ share: 50% }]
  goal: { metric: rating, direction: higher, margin: 0.1 }
  guardrails: [{ metric: error, direction: lower }]
`;
  const rollout = await storeRollout(db, readPolicyFile(policy, "p.yaml"));
  const failed = { error: 1, render_error: 1 };
  const alerts = async () => (await statusOfRollout(db, rollout.id))!.alerts;
  await report(db, {
    exposures: [rollout.exposure("a", "control")],
    outcomes: [rollout.outcome("a", failed, "control")],
  });
  expect(await alerts()).toEqual([]);
  await report(db, {
    exposures: [rollout.exposure("b"), rollout.exposure("c")],
    outcomes: [rollout.outcome("b", failed), rollout.outcome("c", failed)],
  });
  expect(await alerts()).toEqual([
    "rendering fails for the candidate (2 times): services do not send what it needs",
  ]);
});
