import { afterAll, beforeAll, expect, it } from "vitest";
import { createSluice, type Sluice } from "../../src/index.ts";
import { type Database, openDatabase } from "../../src/storage/database.ts";
import { keepRegates } from "../../src/use-cases/keep-regates.ts";
import { watchMonitors } from "../../src/use-cases/watch-monitors.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { report } from "../support/stored-rollout.ts";

let database: TestDatabase;
let db: Database;
let sluice: Sluice;
let versionId: string;
const said: string[] = [];
/** What was asked to be run out of turn. */
const triggered: string[] = [];
const schedules = {
  ensure: () => Promise.resolve(),
  remove: () => Promise.resolve(),
  trigger: (id: string) => Promise.resolve(void triggered.push(id)),
};

beforeAll(async () => {
  database = await createTestDatabase();
  db = openDatabase(database.url, { max: 4 });
  sluice = createSluice({ databaseUrl: database.url, actor: "anna" });
  const messages = [{ role: "user", content: "Hi" }];
  const file = JSON.stringify({ name: "greet", model: "openai/gpt-5-mini", messages });
  ({ versionId } = await sluice.push({ file }));
  await sluice.setPointer({ version: "greet@1", expectedRevision: 0, reason: "first", force: true });
  await sluice.setMonitors({
    prompt: "greet",
    label: "production",
    monitors: { regate: { max_cost_usd: 1 } },
  });
  await keep();
});
afterAll(async () => {
  await sluice.close();
  await db.destroy();
  await database.drop();
});

const keep = () => keepRegates(db, schedules, { taskQueue: "q", anew: false });
/** So many calls, answered by this, and what becomes of it in two workers that look at the same time. */
async function answeredBy(name: string, calls: number, more: { readonly label?: string } = {}) {
  const { label = "production" } = more;
  const outcomes = Array.from({ length: calls }, () => ({
    id: crypto.randomUUID(),
    version: versionId,
    label,
    model: "",
    tenant: "",
    metrics: { error: 0 },
    answered: name,
  }));
  await report(db, { outcomes });
  triggered.length = 0;
  said.length = 0;
  await watchMonitors(db, { log: (line) => said.push(line), everyMs: 0 });
  await Promise.all([keep(), keep()]);
  return triggered.length;
}
const now = async () =>
  (await sluice.monitors({ prompt: "greet" })).monitors.find(({ name }) => name === "regate")!.regate!
    .answeredBy;

it("has the tests asked at once, once, when most calls of what is live are answered by another name", async () => {
  expect(await now()).toBeNull();
  expect(await answeredBy("gpt-5-mini-2025-05-01", 25)).toBe(0);
  expect(await now()).toBe("gpt-5-mini-2025-05-01");
  // Not of what is live there, then not of most of its calls.
  expect(await answeredBy("gpt-5-mini-2025-08-07", 60, { label: "staging" })).toBe(0);
  expect(await answeredBy("gpt-5-mini-2025-08-07", 25)).toBe(0);
  expect(await answeredBy("gpt-5-mini-2025-08-07", 5)).toBe(1);
  expect(said).toEqual([
    "gpt-5-mini-2025-08-07 answers greet@1 in production, it was gpt-5-mini-2025-05-01: its tests are asked again",
  ]);
  expect(await now()).toBe("gpt-5-mini-2025-08-07");
  // It goes on so, and back.
  expect(await answeredBy("gpt-5-mini-2025-08-07", 30)).toBe(0);
  expect(await answeredBy("gpt-5-mini-2025-05-01", 200)).toBe(0);
});
