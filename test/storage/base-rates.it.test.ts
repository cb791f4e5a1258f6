import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readPolicyFile } from "../../src/domain/policy/policy-file.ts";
import { openDatabase, type Database } from "../../src/storage/database.ts";
import { frozenBaseRates } from "../../src/storage/read/base-rates.ts";
import { statusOfRollout } from "../../src/storage/read/rollout-status.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { storeRollout, type StoredRollout } from "../support/stored-rollout.ts";

const policyOf = (window: string) =>
  readPolicyFile(
    `metrics: { error: { window: ${window} } }
canary:
  goal: { metric: rating, direction: higher, margin: 0.1 }
  guardrails: [{ metric: error, direction: lower }]
`,
    "p.yaml",
  );
const POLICY = policyOf("15m");

describe("What a rare event was like before a rollout", () => {
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

  async function known(rollout: StoredRollout, policy = POLICY) {
    const prompt = (await statusOfRollout(db, rollout.id))!.prompt;
    return frozenBaseRates(db, policy, { label: "production", prompt, model: "", tenant: "" });
  }
  async function seen(rollout: StoredRollout, units: number, share: number, arm = "control") {
    await sql`insert into sluice.cells (rollout_id, epoch, arm, metric, units, n, mean, m2)
      values (${rollout.id}, 1, ${arm}, 'error', ${units}, ${units}, ${share}, 0)`.execute(db);
  }

  it("is the share of the units of the scope's control arms, once enough are known", async () => {
    const rollout = await storeRollout(db, POLICY);
    await seen(rollout, 5000, 0.012);
    await seen(rollout, 5000, 0.5, "candidate");
    const { policy, notes } = await known(rollout);
    expect(policy.metrics["error"]!.base_rate).toEqual({ rate: 0.012, units: 5000, events: 60 });
    expect(notes.join()).toContain("60 of 5,000 units of the last 30 days had error");
  });

  it("is not known from few, from another scope, from another window, or from long ago", async () => {
    const few = await storeRollout(db, POLICY);
    await seen(few, 2000, 0.01);
    const { policy, notes } = await known(few);
    expect(policy.metrics["error"]).not.toHaveProperty("base_rate");
    expect(notes.join()).toContain("too few to build a limit on");

    const rollout = await storeRollout(db, POLICY);
    await seen(rollout, 5000, 0.012);
    expect((await known(few)).policy.metrics["error"]).not.toHaveProperty("base_rate");
    expect((await known(rollout, policyOf("1h"))).policy.metrics["error"]).not.toHaveProperty("base_rate");
    await sql`update sluice.rollouts set started_at = now() - interval '31 days' where id = ${rollout.id}`.execute(
      db,
    );
    expect((await known(rollout)).policy.metrics["error"]).not.toHaveProperty("base_rate");
  });
});
