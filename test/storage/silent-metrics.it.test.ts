import { sql } from "kysely";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readPolicyFile } from "../../src/domain/policy/policy-file.ts";
import { type Database, openDatabase } from "../../src/storage/database.ts";
import { statusOfRollout } from "../../src/storage/read/rollout-status.ts";
import { foldUnits } from "../../src/storage/write/fold-units.ts";
import { renderStatus } from "../../src/terminal/render-status.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { type StoredRollout, report, storeRollout } from "../support/stored-rollout.ts";

const POLICY = `
metrics: { rating: { window: 1m }, error: { window: 1m } }
canary:
  stages: [{ share: 50% }]
  goal: { metric: rating, direction: higher, margin: 0.5 }
  guardrails: [{ metric: error, direction: lower, tolerated_ratio: 1.5 }]
watch: { for: 24h, holdback: 5% }
`;

describe("a promoted version that is watched", () => {
  let database: TestDatabase;
  let db: Database;
  let rollout: StoredRollout;
  beforeEach(async () => {
    database = await createTestDatabase();
    db = openDatabase(database.url);
    rollout = await storeRollout(db, readPolicyFile(POLICY, "policy.yaml"));
  });
  afterEach(async () => {
    await db.destroy();
    await database.drop();
  });

  /** Users of a group, a part of whom rate what they got, once all their windows are closed. */
  async function users(name: string, count: number, { rating, epoch }: { rating: number; epoch: number }) {
    const names = Array.from({ length: count }, (_, at) => `${name}-${at}`);
    for (const arm of ["candidate", "control"] as const) {
      const mine = names.map((one) => `${arm} ${one}`);
      await report(db, { exposures: mine.map((one) => rollout.exposure(one, arm, epoch)) });
      await report(db, {
        outcomes: mine.map((one, at) =>
          rollout.outcome(one, { error: 0, ...(at < rating && { rating: 4 }) }, arm, { epoch }),
        ),
      });
    }
    await sql`update sluice.open_units set closes_at = now() - interval '1 s'`.execute(db);
    await foldUnits(db, rollout.id);
  }
  async function promote(): Promise<void> {
    await sql`insert into sluice.rollout_epochs (rollout_id, epoch, stage, mode, share)
      values (${rollout.id}, 2, 0, 'holdback', 500)`.execute(db);
    await sql`update sluice.rollouts set phase = 'watching', share = 0 where id = ${rollout.id}`.execute(db);
  }
  const status = async () => (await statusOfRollout(db, rollout.id))!;
  const RATINGS_STOP = /^no rating comes from the promoted version any more: /;

  it("raises an alert when its ratings stop, which status shows, and takes it back when one comes", async () => {
    await users("before", 40, { rating: 16, epoch: 1 });
    await promote();
    await users("first", 10, { rating: 4, epoch: 2 });
    expect((await status()).alerts).toEqual([]);
    // 0.6 ^ 10 is more than one in a thousand, 0.6 ^ 20 is not.
    await users("second", 10, { rating: 0, epoch: 2 });
    expect((await status()).alerts).toEqual([]);
    await users("third", 10, { rating: 0, epoch: 2 });
    const { alerts } = await status();
    expect(alerts).toEqual([expect.stringMatching(RATINGS_STOP)]);
    expect(alerts![0]).toContain(
      "20 users gave none since the newest one, and in the canary 40 % of them did",
    );
    const shown = renderStatus(await status(), { width: 300, color: false }).join("\n");
    expect(shown).toContain(`alert: ${alerts![0]}`);
    await users("fourth", 2, { rating: 1, epoch: 2 });
    expect((await status()).alerts).toEqual([]);
  });

  it("raises it too when none has come since the promotion", async () => {
    await users("before", 40, { rating: 30, epoch: 1 });
    await promote();
    await users("after", 6, { rating: 0, epoch: 2 });
    expect((await status()).alerts).toEqual([
      expect.stringMatching(/6 users gave none since the promotion, and in the canary 75 % of them did/),
    ]);
  });

  it("raises none for what was never given", async () => {
    await users("before", 40, { rating: 0, epoch: 1 });
    await promote();
    await users("after", 40, { rating: 0, epoch: 2 });
    expect((await status()).alerts).toEqual([]);
  });

  it("raises none for users whose window is open, and none when the watch is over", async () => {
    await users("before", 40, { rating: 40, epoch: 1 });
    await promote();
    const names = Array.from({ length: 40 }, (_, at) => `open-${at}`);
    await report(db, { exposures: names.map((one) => rollout.exposure(one, "candidate", 2)) });
    expect((await status()).alerts).toEqual([]);
    await sql`update sluice.open_units set closes_at = now() - interval '1 s'`.execute(db);
    await foldUnits(db, rollout.id);
    expect((await status()).alerts).toHaveLength(2);
    await sql`update sluice.rollouts set phase = 'done' where id = ${rollout.id}`.execute(db);
    expect((await status()).alerts).toEqual([]);
  });

  it("says the policy's holdback while it is watched, never a holdback of 0 %", async () => {
    await promote();
    expect(await status()).toMatchObject({ phase: "watching", share: 5 });
    const shown = renderStatus(await status(), { width: 100, color: false }).join("\n");
    expect(shown).toContain("a holdback of 5 % that is watched");
  });
});
