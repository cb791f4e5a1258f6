import { readFileSync } from "node:fs";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSluice, type Sluice } from "../../src/index.ts";
import { openDatabase } from "../../src/storage/database.ts";
import { LOOK_TAKEN, MODEL_ASKED, REQUEST_ANSWERED } from "../../src/telemetry/channels.ts";
import { serveStoreMetrics } from "../../src/telemetry/serve-store-metrics.ts";
import { readPolicyFile } from "../../src/domain/policy/policy-file.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { report, storeRollout } from "../support/stored-rollout.ts";

const PAGE = readFileSync(new URL("../../docs/reference/operations.md", import.meta.url), "utf8");
const FILE = "name: greet\nmodel: openai/gpt-5-mini\nmessages: [{ role: user, content: Hi }]\n";
const listen = { host: "127.0.0.1", port: 0 };

let database: TestDatabase;
let sluice: Sluice;
let url: string;
let served: Awaited<ReturnType<typeof serveStoreMetrics>>;
beforeAll(async () => {
  database = await createTestDatabase();
  sluice = createSluice({ databaseUrl: database.url, actor: "anna" });
  served = await serveStoreMetrics(database.url, {
    part: "worker",
    listen,
    log: (line) => (url = line.replace("served at ", "")),
    temporal: "http://127.0.0.1:1/metrics",
  });
});
afterAll(async () => {
  await sluice.close();
  await served?.close();
  await database.drop();
});

async function scraped(): Promise<string> {
  const response = await fetch(url);
  expect(response.headers.get("content-type")).toMatch(/^application\/openmetrics-text; version=1\.0\.0/);
  const text = await response.text();
  expect(text.endsWith("# EOF\n")).toBe(true);
  return text;
}

/** What is said of one series; NaN where it is missing. */
function gauge(text: string, series: string): number {
  const line = text.split("\n").find((one) => one.startsWith(`${series} `));
  return Number(line?.slice(series.length));
}

describe("metrics", () => {
  it("count what this process does, and say what the store holds", async () => {
    await sluice.push({ file: FILE });
    const set = { version: "greet@1", reason: "r", force: true };
    await sluice.setPointer({ ...set, expectedRevision: 0 });
    await expect(sluice.setPointer({ ...set, expectedRevision: 7 })).rejects.toThrow("revision");
    REQUEST_ANSWERED.publish({ method: "GET", route: "/v1/prompts", status: 200, ms: 30 });
    LOOK_TAKEN.publish({ verdict: "continue" });
    MODEL_ASKED.publish({ provider: "openai", result: "rate_limit", ms: 700 });
    const db = openDatabase(database.url, { max: 1 });
    await sql`insert into sluice.dead_letters (id, operation_id, operation, payload, error)
      values (gen_random_uuid(), gen_random_uuid(), 'notify', '{}', '{}')`.execute(db);
    await sql`insert into sluice.retention_runs (id, started_at, ended_at, periods, problems)
      values (gen_random_uuid(), now() - interval '2 days', now() - interval '1 day', '{}', '{"usage": "x", "outcomes": "y"}')`.execute(
      db,
    );
    const canary = "{ goal: { metric: rating, direction: higher, margin: 0.1 } }";
    const rollout = await storeRollout(db, readPolicyFile(`canary: ${canary}`, "policy"));
    const outcomes = [rollout.outcome("u", { rating: 1 }), rollout.outcome("v", { rating: 1 }, "control")];
    await report(db, { exposures: [rollout.exposure("u")], outcomes });
    await sql`update sluice.open_units set closes_at = now() - interval '1 hour'`.execute(db);
    await sql`update sluice.rollouts set updated_at = now() - interval '2 hours'`.execute(db);
    await db.destroy();
    const text = await scraped();
    expect(gauge(text, "sluice_fold_lag_seconds")).toBeGreaterThanOrEqual(3_600);
    expect(gauge(text, 'sluice_rollout_unchanged_seconds{phase="canary"}')).toBeGreaterThanOrEqual(7_200);
    expect(gauge(text, "sluice_retention_age_seconds")).toBeGreaterThanOrEqual(86_400);
    for (const line of [
      'sluice_pointer_moves_total{action="pointer_set",result="moved"} 1',
      'sluice_pointer_moves_total{action="pointer_set",result="conflict"} 1',
      'sluice_http_request_duration_seconds_bucket{le="0.1",route="/v1/prompts",method="GET",status="200"} 1',
      'sluice_rollout_looks_total{verdict="continue"} 1',
      'sluice_model_call_duration_seconds_count{provider="openai",result="rate_limit"} 1',
      'sluice_dead_letters_open{operation="notify"} 1',
      "sluice_store_up 1",
      "sluice_canaries_open 0",
      'sluice_process_info{part="worker"} 1',
      'sluice_rollout_looks_total{verdict="harm"} 0',
      'sluice_rollout_intake{kind="joined"} 1',
      'sluice_rollout_intake{kind="unenrolled"} 1',
      "sluice_retention_undone 2",
    ])
      expect(text).toContain(`${line}\n`);
  });

  it("are the ones that the docs list, each with its labels", async () => {
    const names = [...(await scraped()).matchAll(/^# TYPE (sluice_\w+) /gm)].map(([, name]) => name!);
    const listed = [...PAGE.matchAll(/^\| `(sluice_\w+?)(?:_total)?(?:\{[^}]*\})?` \|/gm)].map(
      ([, name]) => name!,
    );
    expect(listed.toSorted()).toEqual(names.toSorted());
  });

  it("stand beside the probes of a part that has no routes of its own", async () => {
    let isReady = false;
    const probed = await serveStoreMetrics(database.url, {
      part: "worker",
      listen,
      log: (line) => (url = line.replace("served at ", "")),
      isReady: () => isReady,
    });
    const status = async (path: string) => (await fetch(new URL(path, url))).status;
    expect([await status("/healthz"), await status("/readyz")]).toEqual([200, 503]);
    isReady = true;
    expect([await status("/healthz"), await status("/readyz")]).toEqual([200, 200]);
    await probed?.close();
  });

  it("say that the store is away, and nothing of what is in it", async () => {
    const away = await serveStoreMetrics("postgres://sluice@127.0.0.1:1/sluice", {
      part: "server",
      listen,
      log: (line) => (url = line.replace("served at ", "")),
    });
    const text = await scraped();
    expect(text).toContain("sluice_store_up 0\n");
    expect(text).not.toMatch(/^sluice_(?:canaries|dead_letters|services)\w* [0-9]/m);
    expect((await fetch(`${url}/temporal`)).status).toBe(404);
    expect((await fetch(new URL("/readyz", url))).status).toBe(404);
    const said: string[] = [];
    const port = Number(new URL(url).port);
    const second = await serveStoreMetrics(database.url, {
      part: "server",
      listen: { ...listen, port },
      log: (line) => said.push(line),
    });
    expect(second).toBeUndefined();
    expect(said).toEqual([expect.stringMatching(/^not served: .*EADDRINUSE.*SLUICE_METRICS_LISTEN/)]);
    await away?.close();
  });
});
