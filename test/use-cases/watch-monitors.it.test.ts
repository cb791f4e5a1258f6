import { sql } from "kysely";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createSluice, type Sluice } from "../../src/index.ts";
import type { ListedAlert } from "../../src/domain/shapes/monitors.ts";
import type { SetMonitorsRequest } from "../../src/client/monitor-requests.ts";
import { logBucket, ZERO_BUCKET } from "../../src/statistics/log-histogram.ts";
import { type Database, openDatabase } from "../../src/storage/database.ts";
import { replayMonitor } from "../../src/use-cases/replay-monitor.ts";
import { watchMonitors } from "../../src/use-cases/watch-monitors.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";

const HOUR = 3_600_000;
/** The hour that goes on, in the middle of its day. */
const NOW = Math.floor(Date.now() / HOUR) * HOUR;

const LATE = {
  kind: "rate",
  metric: "latency_ms",
  counting: { values: "above", value: 8_000 },
  tolerate: 0.1,
} as const;

let database: TestDatabase;
let db: Database;
let sluice: Sluice;
const versions: string[] = [];
const said: string[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  db = openDatabase(database.url, { max: 4 });
  sluice = createSluice({ databaseUrl: database.url, actor: "anna" });
  for (const prompt of ["greet", "other"]) await push(prompt, "Hi");
  await serve("greet", 1);
});
afterAll(async () => {
  await sluice.close();
  await db.destroy();
  await database.drop();
});

async function push(prompt: string, content: string) {
  const policy = {
    canary: { goal: { metric: "rating", direction: "higher", margin: 0.1 } },
    notify: [{ webhook: "https://hooks.example/x" }],
  };
  const messages = [{ role: "user", content }];
  const file = JSON.stringify({ name: prompt, model: "openai/gpt-5-mini", messages, policy });
  const { versionId } = await sluice.push({ file });
  versions.push(versionId);
  return versionId;
}
async function serve(prompt: string, version: number) {
  const held = (await sluice.pointers(prompt)).find(({ label }) => label === "production");
  await sluice.setPointer({
    version: `${prompt}@${version}`,
    expectedRevision: held?.revision ?? 0,
    reason: "by hand",
    force: true,
  });
}

/** So many calls and errors in each of some hours before now, as outcomes leave them. */
async function happened(
  versionId: string,
  hours: { from: number; to: number },
  x: number,
  n = 200,
  metric = "error",
) {
  for (const [bucket, count] of [
    [ZERO_BUCKET, n - x],
    [logBucket(1), x],
  ] as const)
    await sql`
      insert into sluice.usage_histogram (version_id, label, model, tenant, hour, metric, bucket, n)
      select ${versionId}::uuid, 'production', 'gpt-5-mini', 'acme', ${new Date(NOW)}::timestamptz - h * interval '1 hour', ${metric}, ${bucket}, ${count}
      from generate_series(${hours.to}::int, ${hours.from}::int) h on conflict (version_id, hour, metric, bucket, label, model, tenant)
      do update set n = excluded.n`.execute(db);
}
/** A look as a worker would have made it at minute 30 of so many hours before now. */
const look = (hoursAgo: number, everyMs = 0) =>
  watchMonitors(db, {
    log: (line) => said.push(line),
    everyMs,
    at: new Date(NOW - hoursAgo * HOUR + HOUR / 2),
  });
const states = async () => {
  const { monitors } = await sluice.monitors({ prompt: "greet" });
  return Object.fromEntries(monitors.map(({ name, state }) => [name, state]));
};
const errors = async () =>
  (await sluice.monitors({ prompt: "greet" })).monitors.find(({ name }) => name === "errors")!;
const notified = async () =>
  (
    await sql<{ id: string; event: string; content: Record<string, unknown> }>`
    select id, event, content from sluice.notifications where event like 'alert%' order by created_at, id`.execute(
      db,
    )
  ).rows;

it("learns what a version does, rings once when that has doubled, says since when, and ends when it is as before", async () => {
  const [one] = versions;
  await happened(one!, { from: 100, to: 60 }, 4);
  expect(await look(60)).toBe(true);
  expect(await states()).toMatchObject({ errors: "watching", refusals: "learning", slow: "learning" });
  const learnt = await errors();
  expect(learnt).toMatchObject({ set: false, version: "greet@1", reference: { rate: 0.02, perHour: 200 } });
  expect(learnt.accepted).toBeGreaterThanOrEqual(0.022);
  // One monitor of one prompt shares the promise with nobody: a doubling is found sooner than among 200.
  expect(learnt.finds.find(({ factor }) => factor === 2)!.hours).toBeLessThan(24);

  await happened(one!, { from: 59, to: 50 }, 4);
  await look(50);
  expect(await sluice.alerts()).toEqual([]);
  await happened(one!, { from: 49, to: 30 }, 9);
  await look(30);
  const [alert] = (await sluice.alerts()) as [ListedAlert];
  expect(alert).toMatchObject({
    kind: "rate",
    monitor: "errors",
    version: "greet@1",
    since: new Date(NOW - 49 * HOUR).toISOString(),
    evidence: { metric: "error", x: 180, n: 4_000, usual: 0.02 },
    acknowledgedBy: null,
  });
  expect(alert.message).toBe(
    "greet@1 in production: 4.5 % of its calls end without an answer (180 of 4,000); it was 2 % before.",
  );
  expect(said.filter((line) => line.startsWith("alert:"))).toEqual([`alert: ${alert.message}`]);
  await look(30);
  expect(await notified()).toMatchObject([
    { id: `alert/${alert.id}`, event: "alert", content: { monitor: "errors", version: "greet@1" } },
  ]);

  expect(await sluice.acknowledgeAlert(alert.id.slice(0, 8))).toMatchObject({ acknowledgedBy: "anna" });
  await happened(one!, { from: 29, to: 1 }, 4);
  await look(0);
  expect(await sluice.alerts()).toEqual([]);
  expect(await sluice.alerts({ all: true })).toMatchObject([{ resolution: "it is as it was before" }]);
  expect((await notified()).map(({ event }) => event)).toEqual(["alert", "alert_resolved"]);
  const done = (await sluice.audit({ prompt: "greet" })).map(({ action }) => action);
  expect(done).toEqual(expect.arrayContaining(["alert_opened", "alert_acknowledged", "alert_resolved"]));
});

it("goes through what was as workers went through it", async () => {
  const { id } = await errors();
  const { rang, planted } = await replayMonitor(db, { id, factor: 3, at: new Date(NOW) });
  expect(rang).toMatchObject([{ since: new Date(NOW - 49 * HOUR).toISOString() }]);
  expect(rang[0]!.over).not.toBeNull();
  expect(planted).toBeNull();
});

it("is looked at by one process at a time, and what one that died has begun has never been", async () => {
  expect(await look(0, 60_000)).toBe(false);
  const before = await watches();
  const one = versions[0]!;
  await happened(one, { from: 0, to: -1 }, 4);
  // All is read and computed, and what is written last fails, as for a worker that dies there.
  await sql`alter table sluice.monitor_states add constraint away check (level < 0) not valid`.execute(db);
  await expect(look(-2)).rejects.toThrow("away");
  expect(await watches()).toEqual(before);
  await sql`alter table sluice.monitor_states drop constraint away`.execute(db);
  await look(-2);
  const once = await watches();
  await look(-2);
  expect(await watches()).toEqual(once);
  expect(once).not.toEqual(before);
});
const watches = async () =>
  (
    await sql`select m.name, s.watch - 'looked' as watch from sluice.monitor_states s join sluice.monitors m on m.id = s.monitor_id
    where m.prompt = 'greet' order by 1`.execute(db)
  ).rows;

it("begins anew with another version, which never rings by itself", async () => {
  const [one] = versions;
  await happened(one!, { from: -2, to: -20 }, 30);
  await look(-20);
  expect(await sluice.alerts()).toMatchObject([{ monitor: "errors", version: "greet@1" }]);
  const two = await push("greet", "Hello");
  await happened(two, { from: -18, to: -40 }, 30);
  await serve("greet", 2);
  await look(-40);
  expect(await sluice.alerts()).toEqual([]);
  expect((await sluice.alerts({ all: true }))[0]).toMatchObject({ resolution: "greet@2 is live now" });
  expect((await errors()).state).toBe("learning");
  // What is too much whatever was usual rings from the first calls on.
  await happened(two, { from: -41, to: -44 }, 90);
  await look(-44);
  expect(await sluice.alerts()).toMatchObject([
    { version: "greet@2", evidence: { accepted: 0.2, usual: null } },
  ]);
});

it("takes what somebody sets, mutes what they mute, and watches what a day costs", async () => {
  const at = { prompt: "greet", label: "production" } as const;
  const set = (monitors: unknown) => sluice.setMonitors({ ...at, monitors } satisfies SetMonitorsRequest);
  for (const [wrong, problem] of [
    [{ errors: { tolerat: "5%" } }, /monitors\.errors: unknown key "tolerat"; did you mean "tolerate"\?/],
    [{ errors: { tolerate: "much" } }, /monitors\.errors: tolerate: write a part as 10%/],
    [{ own: {} }, /monitors\.own: "metric" is missing/],
    [{ cost: { per_day_usd: -1 } }, /monitors\.cost: per_day_usd: must be above 0/],
    [{ cost: { per_day_usd: 1, stop: "yes" } }, /monitors\.cost: stop: must be true or false/],
    [["errors"], /must be a mapping/],
  ] as const)
    await expect(set(wrong)).rejects.toThrow(problem);
  const usual = {
    slow: "off",
    errors: { tolerate: "20%" },
    low: { metric: "rating", share: "<= 2" },
  };
  await set({ ...usual, cost: { per_day_usd: 10 } });
  await look(-44);
  expect(await states()).toMatchObject({
    slow: "off",
    errors: "watching",
    low: "learning",
    cost: "watching",
  });
  expect((await sluice.alerts({ all: true }))[0]).toMatchObject({ resolution: "the monitor was changed" });

  const spend = (usd: number) =>
    sql`insert into sluice.usage (version_id, label, model, tenant, hour, metric, n, mean, m2)
      values (${versions.at(-1)}::uuid, 'production', '', '', ${new Date(NOW + 100 * HOUR)}, 'cost_usd', 1, ${usd}, 0)
      on conflict (version_id, hour, metric, label, model, tenant) do update set mean = excluded.mean`.execute(
      db,
    );
  await spend(8.5);
  await look(-100);
  expect(await sluice.alerts()).toMatchObject([
    { kind: "cost", monitor: "cost", evidence: { spentUsd: 8.5, step: 0.8 } },
  ]);
  await spend(12);
  await look(-100);
  const [cost] = await sluice.alerts();
  expect(cost!.message).toContain("has cost $12 on");
  const told = (await notified()).filter(({ content }) => content["monitor"] === "cost");
  expect(told.map(({ event }) => event)).toEqual(["alert", "alert"]);
  await set({ ...usual, cost: { per_day_usd: 11, stop: true } });
  await look(-100);
  const [stopped, changed] = (await sluice.alerts({ all: true })).filter(({ kind }) => kind === "cost");
  expect(changed).toMatchObject({ resolution: "the budget was changed" });
  expect(stopped!.message).toMatch(
    /\$11 that a day may cost\. Calls are refused, or go to a cheaper fallback/,
  );
  await look(-125);
  expect((await sluice.alerts({ all: true })).find(({ kind }) => kind === "cost")).toMatchObject({
    resolution: "a new day has begun",
  });

  const { id } = await errors();
  await expect(sluice.muteMonitor(id, { forMs: 1e12 })).rejects.toThrow("31d at most");
  expect(await sluice.muteMonitor(id, { forMs: 3_600_000 })).toMatchObject({ state: "muted" });
  expect(await sluice.muteMonitor(id, { forMs: 0 })).toMatchObject({ mutedUntil: null });
  await set({});
  expect(await states()).toMatchObject({ slow: "learning", low: "off", cost: "off" });
});

it("rings where calls of a scope stop while others go on, until they come again", async () => {
  const at = { prompt: "greet", label: "production" } as const;
  await sql`delete from sluice.usage`.execute(db);
  /** So many calls in each of some hours before the one that goes on. */
  const called = (versionId: string, from: number, to: number, n: number) =>
    sql`insert into sluice.usage (version_id, label, model, tenant, hour, metric, n, mean, m2)
      select ${versionId}::uuid, 'production', '', '', ${new Date(NOW)}::timestamptz - h * interval '1 hour', '', ${n}, 0, 0
      from generate_series(${to}::int, ${from}::int) h`.execute(db);
  const silent = async () => (await sluice.alerts({ all: true })).filter(({ kind }) => kind === "silent");
  await expect(sluice.setMonitors({ ...at, monitors: { silent: { hours: 0 } } })).rejects.toThrow(
    /monitors\.silent: hours: must be 1 to 24/,
  );
  const [greet, other] = versions;
  await called(other!, 16 * 24, -1, 50);
  await called(greet!, 60, 4, 20);
  await sluice.setMonitors({ ...at, monitors: { silent: {} } });
  await look(0);
  // Two days say too little.
  expect((await states())["silent"]).toBe("learning");
  await called(greet!, 16 * 24, 61, 20);
  await sluice.setMonitors({ ...at, monitors: { silent: { hours: 2 } } });
  await look(0);
  const [alert, ...more] = await silent();
  expect(more).toEqual([]);
  expect(alert).toMatchObject({
    monitor: "silent",
    evidence: { calls: 0, hours: 2, fewest: 40 },
    resolvedAt: null,
  });
  expect(alert!.message).toMatch(
    /in production has fallen silent: no call in 2 hours; .* there were 40 at least\.$/,
  );
  expect((await states())["silent"]).toBe("alert");
  await called(greet!, 0, 0, 10);
  await look(-1);
  // Fewer than half of the fewest are no end of it.
  expect((await silent())[0]).toMatchObject({ resolvedAt: null });
  await called(greet!, -1, -1, 25);
  await look(-2);
  expect(await silent()).toMatchObject([{ resolution: "calls come again" }]);
  expect((await states())["silent"]).toBe("watching");
});

it("watches a version as the policy says under which it was promoted, below what is set for the scope", async () => {
  const promoted = (versionId: string, monitors: object) =>
    sql`insert into sluice.rollouts (id, workflow_id, request_id, label, prompt, candidate_version, policy_sha256, policy,
        decision_version, salt, phase, outcome, ended_at)
      select gen_random_uuid(), gen_random_uuid()::text, 'r', 'production', 'greet', ${versionId}::uuid, sha256,
        ${JSON.stringify({ monitors })}::jsonb, '3', 'salt', 'done', 'promoted', clock_timestamp()
      from sluice.documents limit 1`.execute(db);
  await sluice.setMonitors({
    prompt: "greet",
    label: "production",
    monitors: { errors: { tolerate: "30%" } },
  });
  const last = versions.at(-1)!;
  await promoted(last, { slow: "off", late: { ...LATE }, errors: "off" });
  await look(-3);
  const named = async () => {
    const { monitors } = await sluice.monitors({ prompt: "greet" });
    return Object.fromEntries(monitors.map((one) => [one.name, one]));
  };
  const { slow, late, errors: set, tokens } = await named();
  expect(slow).toMatchObject({ state: "off", set: false, byPolicy: true });
  expect(late).toMatchObject({ spec: LATE, set: false, byPolicy: true });
  expect(set).toMatchObject({ spec: { tolerate: 0.3 }, set: true, byPolicy: false });
  expect(tokens).toMatchObject({ set: false, byPolicy: false });
  // Another version is live: what was promoted with the first has gone with it.
  await push("greet", "Hello again");
  await serve("greet", 3);
  const { slow: usual, late: gone } = await named();
  expect(usual).toMatchObject({ byPolicy: false, spec: { kind: "rate" } });
  expect(gone).toMatchObject({ state: "off", byPolicy: false });
});
