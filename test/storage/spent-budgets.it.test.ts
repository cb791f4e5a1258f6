import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createSluice, type Sluice } from "../../src/index.ts";
import { PostgresSource } from "../../src/resolver/sources/postgres.ts";
import { type Database, openDatabase } from "../../src/storage/database.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";

let database: TestDatabase;
let db: Database;
let sluice: Sluice;
let source: PostgresSource;
let version: string;
beforeAll(async () => {
  database = await createTestDatabase();
  db = openDatabase(database.url, { max: 2 });
  sluice = createSluice({ databaseUrl: database.url, actor: "anna" });
  source = new PostgresSource(database.url);
  const messages = [{ role: "user", content: "Hi" }];
  const file = JSON.stringify({
    name: "greet",
    model: "local/m",
    fallbacks: ["openai/gpt-5-mini"],
    messages,
  });
  version = (await sluice.push({ file })).versionId;
  await sluice.setPointer({ version: "greet@1", expectedRevision: 0, reason: "by hand", force: true });
});
afterAll(async () => {
  await source.close();
  await sluice.close();
  await db.destroy();
  await database.drop();
});
beforeEach(async () => {
  await sql`delete from sluice.usage`.execute(db);
  for (const tenant of [undefined, "acme"]) await set({}, tenant);
});

const set = (monitors: unknown, tenant?: string) =>
  sluice.setMonitors({ prompt: "greet", label: "production", ...(tenant && { tenant }), monitors });
const cost = (more: object = {}) => ({ cost: { per_day_usd: 10, stop: true, ...more } });
/** What calls have recorded, so many hours ago; usually in an hour that is still to come, which is of today at midnight, too. */
const recorded = (tenant: string, metric: string, n: number, mean: number, hoursAgo = -2) =>
  sql`insert into sluice.usage (version_id, label, model, tenant, hour, metric, n, mean, m2)
    values (${version}::uuid, 'production', 'gpt-5', ${tenant},
      date_trunc('hour', clock_timestamp()) - ${hoursAgo} * interval '1 hour', ${metric}, ${n}, ${mean}, 0)`.execute(
    db,
  );
/** As if it had been summed long ago. */
const spent = async () => {
  await sql`update sluice.budget_sums set summed_at = '-infinity'`.execute(db);
  return source.readSpentBudgets();
};

describe("budgets that stop calls", () => {
  it("are told of once the day has cost what it may, by the scope that they are of, and no more when they are raised", async () => {
    await recorded("acme", "cost_usd", 100, 0.06);
    await recorded("other", "cost_usd", 100, 0.05);
    await recorded("acme", "cost_usd", 1, 100, 30);
    expect(await spent()).toEqual([]);
    await set({ cost: { per_day_usd: 1 } });
    expect(await spent()).toEqual([]);
    await set(cost());
    await set(cost({ per_day_usd: 5 }), "acme");
    const [all, acme, ...more] = (await spent())!;
    expect(more).toEqual([]);
    const place = { prompt: "greet", label: "production", model: "" };
    expect(all).toMatchObject({ ...place, tenant: "", spentUsd: 11, budgetUsd: 10 });
    expect(acme).toMatchObject({ ...place, tenant: "acme", budgetUsd: 5 });
    expect(acme!.spentUsd).toBeCloseTo(6, 9);
    expect(all!.leftMs).toBeGreaterThan(0);
    expect(all!.leftMs).toBeLessThanOrEqual(86_400_000);
    await set(cost({ per_day_usd: 12 }));
    await set({ cost: { per_day_usd: 5 } }, "acme");
    expect(await spent()).toEqual([]);
  });

  it("are summed once a second at most", async () => {
    await set(cost());
    await recorded("acme", "cost_usd", 1, 20);
    const summed = async (at: string) => {
      await sql`update sluice.budget_sums set summed_at = ${sql.raw(at)}, spent = '[{"tenant": "", "spentUsd": 1}]'`.execute(
        db,
      );
      return (await source.readSpentBudgets())![0]!.spentUsd;
    };
    // In the future: a second does not go by while this runs.
    expect(await summed("clock_timestamp() + interval '1 hour'")).toBe(1);
    expect(await summed("clock_timestamp() - interval '2 seconds'")).toBe(20);
  });

  it("are shown spent, with what they can be late by, and what they do not count", async () => {
    await recorded("acme", "cost_usd", 40, 0.25);
    await recorded("acme", "output_tokens", 100, 5);
    const [shown] = (await set(cost({ at: ["50%"] }))).filter(({ name }) => name === "cost");
    expect(shown).toMatchObject({
      state: "stopped",
      spec: { stop: true, at: [0.5, 1] },
      cost: { spentUsd: 10, uncountedCalls: 60, unpricedModels: ["local/m"] },
    });
    // Of 10 dollars an hour, 5 seconds.
    expect(shown!.cost!.overshootUsd).toBeCloseTo(10 / 720, 9);
    expect(await sluice.monitor(shown!.id)).toEqual(shown);
    // A tenant without a pointer of its own is served what all are.
    const [acme] = (await set({ cost: { per_day_usd: 20 } }, "acme")).filter(({ name }) => name === "cost");
    expect(acme).toMatchObject({ state: "watching", version: "greet@1", cost: { overshootUsd: null } });
  });

  it("count a model without a price here where all that was asked of it has recorded what it cost", async () => {
    await recorded("acme", "cost_usd", 40, 0.25);
    await recorded("acme", "output_tokens", 40, 5);
    const [shown] = (await set(cost())).filter(({ name }) => name === "cost");
    expect(shown!.cost).toMatchObject({ spentUsd: 10, uncountedCalls: 0, unpricedModels: [] });
  });
});
