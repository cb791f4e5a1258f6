import { createHash, randomUUID } from "node:crypto";
import fc from "fast-check";
import { sql } from "kysely";
import { closeWindows } from "../support/close-windows.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDatabase, type Database } from "../../src/storage/database.ts";
import { logBucket } from "../../src/statistics/log-histogram.ts";
import { readRolloutEvidence } from "../../src/storage/read/rollout-evidence.ts";
import { foldUnits } from "../../src/storage/write/fold-units.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";

const CANDIDATE = randomUUID();
const BASELINE = randomUUID();

/** What services report, from the SQL function that takes it to the folded cells. */
describe("reported outcomes", () => {
  let database: TestDatabase;
  let db: Database;
  beforeAll(async () => {
    database = await createTestDatabase();
    db = openDatabase(database.url);
    await sql`insert into sluice.prompts (name) values ('p')`.execute(db);
    for (const [id, number] of [
      [BASELINE, 1],
      [CANDIDATE, 2],
    ] as const)
      await sql`insert into sluice.versions (id, prompt, number, semver, sha256, artifact, model, author, token_count)
        values (${id}, 'p', ${number}, ${`${number}.0.0`}, ${createHash("sha256").update(id).digest("hex")}, '{}', 'openai/x', 'ann', 1)`.execute(
        db,
      );
    await sql`insert into sluice.documents (sha256, kind, name, body) values (${"0".repeat(64)}, 'policy', 'p', '{}')`.execute(
      db,
    );
  });
  afterAll(async () => {
    await db.destroy();
    await database.drop();
  });

  const unit = (name: string) => createHash("sha256").update(name).digest("hex");
  async function rollout(
    metrics: Record<string, { kind?: string; cap?: number; window?: number }>,
  ): Promise<string> {
    const id = randomUUID();
    await sql`insert into sluice.rollouts (id, workflow_id, request_id, label, prompt, tenant, candidate_version,
        baseline_version, policy_sha256, policy, decision_version, salt, phase)
      values (${id}, ${id}, ${id}, 'production', 'p', ${id}, ${CANDIDATE}, ${BASELINE}, ${"0".repeat(64)}, '{}', '3', ${id}, 'canary')`.execute(
      db,
    );
    await sql`insert into sluice.rollout_epochs (rollout_id, epoch, stage, mode, share) values (${id}, 1, 0, 'canary', 500)`.execute(
      db,
    );
    for (const [metric, { kind = "mean", cap = null, window = 3_600_000 }] of Object.entries(metrics))
      await sql`insert into sluice.rollout_metrics (rollout_id, metric, kind, window_ms, cap)
        values (${id}, ${metric}, ${kind}, ${window}, ${cap})`.execute(db);
    return id;
  }
  interface Batch {
    exposures?: { rollout: string; unit: string; arm: string; epoch: number }[];
    outcomes?: Record<string, unknown>[];
  }
  async function record(batch: Batch): Promise<Record<string, number>> {
    const { rows } = await sql<{ counts: Record<string, number> }>`
      select sluice.record_batch(${JSON.stringify(batch)}::jsonb) as counts`.execute(db);
    return rows[0]!.counts;
  }
  /** Lets every window close now, and folds. */
  async function fold(id: string) {
    await closeWindows(db, id);
    await foldUnits(db, id);
    return (await readRolloutEvidence(db, id, "canary")).cells;
  }
  const exposure = (id: string, name: string, arm = "candidate") => ({
    rollout: id,
    unit: unit(name),
    arm,
    epoch: 1,
  });
  const outcome = (id: string, name: string, metrics: Record<string, unknown>, more = {}) => ({
    id: randomUUID(),
    rollout: id,
    unit: unit(name),
    version: CANDIDATE,
    label: "production",
    metrics,
    ...more,
  });

  it("that services had no room for are counted once, by version, and are no executions", async () => {
    const id = await rollout({ rating: {} });
    const dropped = (version: string, count: number) => ({
      id: randomUUID(),
      rollout: id,
      unit: null,
      version,
      tenant: id,
      metrics: { rating: 1 },
      dropped: count,
    });
    const batch = {
      exposures: [exposure(id, "ann")],
      outcomes: [
        outcome(id, "ann", { rating: 3 }, { tenant: id }),
        dropped(CANDIDATE, 7),
        dropped(BASELINE, 2),
      ],
    };
    expect(await record(batch)).toMatchObject({ outcomes: 1, joined: 1 });
    await record(batch);
    await record({ outcomes: [dropped(CANDIDATE, 1), dropped(CANDIDATE, -5)] });
    expect((await readRolloutEvidence(db, id, "canary")).dropped).toEqual({
      candidate: 8,
      control: 2,
      received: 1,
    });
    const { rows } = await sql<{ metric: string; n: number }>`
      select metric, sum(n)::int as n from sluice.usage where tenant = ${id} group by 1 order by 1`.execute(
      db,
    );
    expect(rows).toEqual([
      { metric: "", n: 1 },
      { metric: "rating", n: 1 },
    ]);
    const other = await rollout({ rating: {} });
    expect(await readRolloutEvidence(db, other, "canary")).not.toHaveProperty("dropped");
  });

  it("give the same cells in any order, split or repeated, before their units are folded", async () => {
    const events = fc.array(
      fc.record({
        unit: fc.integer({ min: 0, max: 6 }),
        value: fc.double({ min: -1000, max: 1000, noNaN: true }),
      }),
      { minLength: 1, maxLength: 30 },
    );
    await fc.assert(
      fc.asyncProperty(events, fc.infiniteStream(fc.nat()), async (values, shuffle) => {
        const cells = [];
        for (const shuffled of [false, true]) {
          const id = await rollout({ rating: {} });
          const exposures = Array.from({ length: 7 }, (_, i) =>
            exposure(id, `u${i}`, i % 2 ? "control" : "candidate"),
          );
          const outcomes = values.map(({ unit: i, value }) =>
            outcome(id, `u${i}`, { rating: value }, { version: i % 2 ? BASELINE : CANDIDATE }),
          );
          if (shuffled) {
            await record({ exposures: exposures.toReversed() });
            const order = outcomes
              .map((one) => ({ one, key: shuffle.next().value! }))
              .toSorted((a, b) => a.key - b.key);
            for (const { one } of order) await record({ exposures, outcomes: [one, one] });
            await record({ outcomes });
          } else await record({ exposures, outcomes });
          cells.push(await fold(id));
        }
        const [plain, mixed] = cells as [(typeof cells)[number], (typeof cells)[number]];
        expect(mixed.map(({ arm, units, n }) => ({ arm, units, n }))).toEqual(
          plain.map(({ arm, units, n }) => ({ arm, units, n })),
        );
        plain.forEach((cell, i) => {
          expect(mixed[i]!.mean).toBeCloseTo(cell.mean, 9);
          expect(Math.abs(mixed[i]!.m2 - cell.m2)).toBeLessThanOrEqual(1e-9 * Math.max(1, cell.m2));
        });
      }),
      { numRuns: 15 },
    );
  });

  it("count a unit once, by its own mean, however often it reports", async () => {
    const id = await rollout({ rating: {} });
    await record({
      exposures: [exposure(id, "a"), exposure(id, "b")],
      outcomes: [
        ...[1, 1, 1, 1, 1, 1].map((rating) => outcome(id, "a", { rating })),
        outcome(id, "b", { rating: 4 }),
      ],
    });
    expect(await fold(id)).toMatchObject([{ units: 2, n: 2, mean: 2.5, m2: 4.5 }]);
  });

  it("change nothing after their unit was folded", async () => {
    const id = await rollout({ rating: {} });
    await record({ exposures: [exposure(id, "a")], outcomes: [outcome(id, "a", { rating: 3 })] });
    const before = await fold(id);
    expect(await record({ outcomes: [outcome(id, "a", { rating: 500 })] })).toMatchObject({
      outcomes: 1,
      joined: 0,
      late: 1,
    });
    expect(await fold(id)).toEqual(before);
  });

  it("keep the first arm of a unit, whatever is claimed later", async () => {
    const id = await rollout({ rating: {} });
    expect(await record({ exposures: [exposure(id, "a", "candidate")] })).toMatchObject({ exposures: 1 });
    expect(await record({ exposures: [exposure(id, "a", "control")] })).toMatchObject({ exposures: 0 });
    expect((await fold(id)).map((cell) => cell.arm)).toEqual(["candidate"]);
  });

  it("count exposed units without a value, and events of rare metrics by unit", async () => {
    const id = await rollout({ error: { kind: "rare" }, rating: {} });
    await record({
      exposures: ["a", "b", "c"].map((name) => exposure(id, name)),
      outcomes: [
        outcome(id, "a", { error: 1 }),
        outcome(id, "a", { error: 1 }),
        outcome(id, "b", { error: 0 }),
      ],
    });
    const cells = await fold(id);
    expect(cells.find((cell) => cell.metric === "error")).toMatchObject({ units: 3, n: 2, mean: 0.5 });
    expect(cells.find((cell) => cell.metric === "rating")).toMatchObject({ units: 3, n: 0, mean: 0, m2: 0 });
  });

  it("count at most the cap", async () => {
    const id = await rollout({ latency_ms: { cap: 1000 } });
    await record({ exposures: [exposure(id, "a")], outcomes: [outcome(id, "a", { latency_ms: 9e9 })] });
    expect(await fold(id)).toMatchObject([{ mean: 1000 }]);
  });

  it("are stored but not analysed without an exposure, of another version, or of a rollout that has ended", async () => {
    const id = await rollout({ rating: {} });
    await record({ exposures: [exposure(id, "a")] });
    const stray = outcome(id, "nobody", { rating: 1 });
    const foreign = outcome(id, "a", { rating: 1 }, { version: BASELINE });
    expect(await record({ outcomes: [stray, foreign] })).toMatchObject({ outcomes: 2, joined: 0 });
    await sql`update sluice.rollouts set outcome = 'aborted', ended_at = now() where id = ${id}`.execute(db);
    const late = outcome(id, "a", { rating: 1 });
    expect(await record({ exposures: [exposure(id, "z")], outcomes: [late] })).toMatchObject({
      joined: 0,
      refusedExposures: 1,
    });
    const { rows } = await sql<{ status: string }>`select status from sluice.outcomes
      where id in (${stray["id"]}::uuid, ${foreign["id"]}::uuid, ${late["id"]}::uuid)
      order by array_position(array[${stray["id"]}::uuid, ${foreign["id"]}::uuid, ${late["id"]}::uuid], id)`.execute(
      db,
    );
    expect(rows.map((row) => row.status)).toEqual(["unenrolled", "wrong_version", "after_end"]);
  });

  it("refuse values that are no measurements, one by one, and count them", async () => {
    const id = await rollout({ rating: {} });
    const counts = await record({
      exposures: [exposure(id, "a")],
      outcomes: [
        outcome(id, "a", { rating: 1e308 }),
        outcome(id, "a", { rating: "five" }),
        outcome(id, "a", { rating: null }),
        outcome(id, "a", { rating: { deep: 1 } }),
        outcome(id, "a", { rating: 2 }),
      ],
    });
    expect(counts).toMatchObject({ outcomes: 5, refusedValues: 4, joined: 1 });
    expect(await fold(id)).toMatchObject([{ n: 1, mean: 2 }]);
  });

  it("of every version are in the usage record, enrolled or not", async () => {
    const version = randomUUID();
    const of = (latency_ms: number) => ({
      id: randomUUID(),
      version,
      label: "production",
      metrics: { latency_ms },
    });
    await record({ outcomes: [of(100), of(200)] });
    await record({ outcomes: [of(600)] });
    const { rows } = await sql<{ n: number; mean: number; m2: number }>`
      select n, mean, m2 from sluice.usage where version_id = ${version} and metric <> ''`.execute(db);
    expect(rows).toEqual([{ n: 3, mean: 300, m2: 140000 }]);
    const histogram = await sql<{ bucket: number; n: number }>`
      select bucket, n from sluice.usage_histogram where version_id = ${version} order by bucket`.execute(db);
    expect(histogram.rows).toEqual([100, 200, 600].map((value) => ({ bucket: logBucket(value), n: 1 })));
  });

  it("never deadlock when many connections report the same units", async () => {
    const id = await rollout({ rating: {}, latency_ms: {} });
    const names = Array.from({ length: 40 }, (_, i) => `u${i}`);
    await record({ exposures: names.map((name) => exposure(id, name)) });
    const batches = Array.from({ length: 24 }, (_, b) => ({
      outcomes: (b % 2 ? names : names.toReversed()).map((name) =>
        outcome(id, name, { rating: b, latency_ms: b }),
      ),
    }));
    await Promise.all(batches.map(record));
    const cells = await fold(id);
    expect(cells.map(({ n, mean }) => ({ n, mean }))).toEqual([
      { n: 40, mean: 11.5 },
      { n: 40, mean: 11.5 },
    ]);
  });
});
