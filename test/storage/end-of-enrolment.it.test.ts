import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readPolicyFile } from "../../src/domain/policy/policy-file.ts";
import { openDatabase, type Database } from "../../src/storage/database.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { report, storeRollout, type StoredRollout } from "../support/stored-rollout.ts";

const POLICY = readPolicyFile(
  `
canary:
  stages: [{ share: 5%, for: 1h }, { share: 50% }]
  min_units: 10
  max_units: 50
  goal: { metric: success, direction: higher, margin: 0.05 }
`,
  "p.yaml",
);

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

type Arm = "candidate" | "control";
const names = (arm: Arm, from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => `${arm} ${from + i}`);
const expose = (rollout: StoredRollout, arm: Arm, from: number, to: number, epoch = 1) =>
  report(db, { exposures: names(arm, from, to).map((name) => rollout.exposure(name, arm, epoch)) });

async function counted(rollout: StoredRollout): Promise<Record<string, number>> {
  const { rows } = await sql<{ key: string; units: number }>`
    select epoch || ' ' || arm as key, units::float8 as units from sluice.exposure_counts where rollout_id = ${rollout.id}
    union all select kind, n::float8 from sluice.rollout_intake where rollout_id = ${rollout.id}`.execute(db);
  return Object.fromEntries(rows.map(({ key, units }) => [key, units]));
}

describe("Enrolment ends at max_units", () => {
  it("to the unit, whatever came before in the same batch; who comes later is counted and not analysed", async () => {
    const rollout = await storeRollout(db, POLICY);
    await expose(rollout, "candidate", 0, 45);
    // Forty who are there already take no room of the five that is left.
    await expose(rollout, "candidate", 5, 60);
    await expose(rollout, "control", 0, 20);
    expect(await counted(rollout)).toEqual({ "1 candidate": 50, "1 control": 20, after_enrolment: 10 });
    // In a batch of both arms each has its own room; one that is enrolled stays so.
    await report(db, {
      exposures: [
        ...names("candidate", 0, 61).map((name) => rollout.exposure(name, "candidate")),
        ...names("control", 20, 50).map((name) => rollout.exposure(name, "control")),
      ],
    });
    expect(await counted(rollout)).toMatchObject({ "1 candidate": 50, "1 control": 50, after_enrolment: 21 });
    const receipt = await report(db, {
      outcomes: ["candidate 49", "candidate 60"].map((name) => rollout.outcome(name, { success: 1 })),
    });
    expect(receipt).toMatchObject({ outcomes: 2, joined: 1 });
    expect(await counted(rollout)).toMatchObject({ joined: 1, unenrolled: 1 });
    const { input } = await rollout.lookWith();
    expect(input.cells.find(({ arm, metric }) => arm === "candidate" && metric === "success")).toMatchObject({
      units: 50,
      n: 1,
    });
  });

  it("later in the last stage, which has its minimum to itself however many came before", async () => {
    const rollout = await storeRollout(db, POLICY);
    await expose(rollout, "candidate", 0, 70);
    await rollout.openStage(1);
    await expose(rollout, "candidate", 100, 107, 2);
    await expose(rollout, "candidate", 107, 130, 2);
    expect(await counted(rollout)).toEqual({ "1 candidate": 50, "2 candidate": 10, after_enrolment: 40 });
    const half = await storeRollout(db, POLICY);
    await expose(half, "candidate", 0, 30);
    await half.openStage(1);
    await expose(half, "candidate", 100, 130, 2);
    expect(await counted(half)).toEqual({ "1 candidate": 30, "2 candidate": 20, after_enrolment: 10 });
  });

  it("and does not touch what is held back after a promotion", async () => {
    const rollout = await storeRollout(db, POLICY);
    await expose(rollout, "candidate", 0, 60);
    await sql`insert into sluice.rollout_epochs (rollout_id, epoch, stage, mode, share)
      values (${rollout.id}, 2, 1, 'holdback', 500)`.execute(db);
    await expose(rollout, "candidate", 0, 60, 2);
    expect(await counted(rollout)).toMatchObject({
      "1 candidate": 50,
      "2 candidate": 60,
      after_enrolment: 10,
    });
  });

  it("about where it should when many connections report at once", async () => {
    const rollout = await storeRollout(db, POLICY);
    await Promise.all(Array.from({ length: 20 }, (_, i) => expose(rollout, "candidate", 5 * i, 5 * i + 5)));
    const { "1 candidate": units, after_enrolment: after } = await counted(rollout);
    // Each sees what the others had committed when it began: over by less than all their batches together.
    expect(units).toBeGreaterThanOrEqual(50);
    expect(units! + (after ?? 0)).toBe(100);
  });
});
