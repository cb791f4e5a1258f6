import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readPolicyFile } from "../../src/domain/policy/policy-file.ts";
import { openDatabase, type Database } from "../../src/storage/database.ts";
import { readRolloutEvidence } from "../../src/storage/read/rollout-evidence.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { report, storeRollout, type StoredRollout } from "../support/stored-rollout.ts";

const POLICY = readPolicyFile(
  `
canary:
  stages: [{ share: 5%, for: 1s }, { share: 50% }]
  segments: [language]
  goal: { metric: success, direction: higher, margin: 0.05 }
  guardrails: [{ metric: error, direction: lower }, { metric: latency_ms, direction: lower }]
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

/** So many units an arm, in two epochs, folded, and as many more whose window is open. */
async function filled(units: number): Promise<StoredRollout> {
  const rollout = await storeRollout(db, POLICY);
  await rollout.openStage(1);
  for (const folded of [true, false]) {
    for (const arm of ["candidate", "control"] as const)
      for (let from = 0; from < units; from += 1000) {
        const names = Array.from(
          { length: Math.min(1000, units - from) },
          (_, i) => `${arm} ${folded} ${from + i}`,
        );
        await report(db, {
          exposures: names.map((name, i) =>
            rollout.exposure(name, arm, 1 + (i % 2), { segments: { language: ["de", "fr", "it"][i % 3] } }),
          ),
          outcomes: names.map((name, i) =>
            rollout.outcome(name, { success: i % 5 === 0 ? 0 : 1, error: 0, latency_ms: 100 + i }, arm),
          ),
        });
      }
    if (folded) await rollout.look();
  }
  return rollout;
}

/** Rows that Postgres fetched for one look's reading, of all tables, and rows that came of it. */
async function read(rollout: StoredRollout): Promise<{ fetched: number; given: number }> {
  return db.transaction().execute(async (transaction) => {
    const count = async () => {
      const { rows } = await sql<{ n: number }>`
        select sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::float8 as n from pg_stat_xact_user_tables
        where schemaname = 'sluice'`.execute(transaction);
      return rows[0]!.n;
    };
    const before = await count();
    const { cells, segments, exposures } = await readRolloutEvidence(transaction, rollout.id, "canary");
    const fetched = (await count()) - before;
    return { fetched, given: cells.length + segments.length + 2 * exposures.length };
  });
}

describe("A tick reads by epochs, arms, metrics and segments", () => {
  it("and not by units, outcomes or open windows", async () => {
    const few = await filled(60);
    const many = await filled(3000);
    await sql`analyze`.execute(db);
    const [small, large] = [await read(few), await read(many)];
    expect(large.given).toBe(small.given);
    // 2 epochs x 2 arms x (4 metrics, each of all and of 3 languages), and the exposures.
    expect(large.given).toBe(2 * 2 * 4 * (1 + 3) + 2 * 2);
    // Each with its epoch, and where the table is small those of other rollouts: never the 12,000 units.
    expect(large.fetched).toBeLessThan(6 * large.given);
    expect(large.fetched).toBeLessThan(1.2 * small.fetched + 10);
  });
});
