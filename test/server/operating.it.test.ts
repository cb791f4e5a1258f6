import { randomUUID } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readAudit } from "../../src/storage/read/audit.ts";
import { setPointerByHand } from "../../src/use-cases/set-pointer.ts";
import { artifact } from "../resolver/support/artifacts.ts";
import { eventually } from "../resolver/support/eventually.ts";
import { call } from "./support/checked-call.ts";
import { openServer, type ServerBench } from "./support/server-bench.ts";

let bench: ServerBench;
const PROMPT = "support/reply";
const scope = { label: "production", prompt: PROMPT, model: "", tenant: "" };

beforeAll(async () => {
  bench = await openServer();
  for (const text of ["one", "two", "three"]) await bench.store.addVersion(PROMPT, artifact(text));
});
afterAll(() => bench.close());

const get = async (path: string, key: string) => call(bench.server.url, `GET ${path}`, { key });
const rollBack = async (key: string, more: object = {}) =>
  call(bench.server.url, "POST /v1/rollbacks", { key, body: { prompt: PROMPT, reason: "worse", ...more } });

/** Versions 1, 2 and 3 were live, one after the other. */
async function threeMoves(): Promise<number> {
  for (const number of [1, 2, 3]) {
    const { items } = (await get(`/v1/pointers?prompt=${PROMPT}`, await bench.key({ role: "viewer" }))).body;
    await setPointerByHand(bench.db, {
      scope,
      version: { prompt: PROMPT, number },
      expectedRevision: items[0]?.revision ?? 0,
      reason: "by hand",
      force: true,
      by: "ann",
    });
  }
  return (await get(`/v1/pointers?prompt=${PROMPT}`, await bench.key({ role: "viewer" }))).body.items[0]
    .revision;
}

describe("a rollback over HTTP", () => {
  it("is done at once, with Postgres alone, and audited under the key's owner", async () => {
    const revision = await threeMoves();
    const key = await bench.key({ role: "editor", owner: "bea" });
    const { status, body } = await rollBack(key, { waitForFleetMs: 200 });
    expect({ status, body }).toMatchObject({
      status: 200,
      body: {
        serves: `${PROMPT}@2`,
        changed: true,
        revision: revision + 1,
        fleet: { live: expect.any(Number) },
      },
    });
    const [entry] = (await readAudit(bench.db, { prompt: PROMPT })).filter(
      ({ action }) => action === "rolled_back",
    );
    expect(entry).toMatchObject({ principal: { kind: "key", name: "bea" }, reason: "worse" });
  });

  it("does not wait for what services report, however much of it waits for Postgres", async () => {
    await threeMoves();
    const [editor, service] = [await bench.key({ role: "editor" }), await bench.key({ role: "resolver" })];
    const holder = new pg.Client({ connectionString: bench.store.url });
    await holder.connect();
    const { rows: versions } = await holder.query("select id from sluice.versions limit 1");
    const report = () => ({
      outcomes: [{ id: randomUUID(), version: versions[0].id, label: "production", metrics: { rating: 1 } }],
    });
    await holder.query("begin; lock table sluice.outcomes in share mode");
    const flood = Array.from({ length: 40 }, () =>
      call(bench.server.url, "POST /v1/outcomes", { key: service, body: report() }),
    );
    await eventually("all that write outcomes wait", async () => {
      const { rows } = await holder.query(
        "select count(*)::int as n from pg_locks where not granted and relation = 'sluice.outcomes'::regclass",
      );
      return rows[0].n === 4;
    });
    expect(await rollBack(editor)).toMatchObject({ status: 200, body: { serves: `${PROMPT}@2` } });
    await holder.query("rollback");
    await holder.end();
    expect(new Set((await Promise.all(flood)).map(({ status }) => status))).toEqual(new Set([200]));
  });

  it("says that there is nothing to undo when it is asked again, and does not bring the bad version back", async () => {
    await threeMoves();
    const key = await bench.key({ role: "editor" });
    await rollBack(key);
    expect((await rollBack(key)).body).toMatchObject({ serves: `${PROMPT}@2`, changed: false });
  });

  it("is seen in what was served at a moment, at both addresses", async () => {
    await threeMoves();
    const key = await bench.key({ role: "viewer" });
    const query = `prompt=${PROMPT}&at=${new Date().toISOString()}`;
    const [one, other] = [
      await get(`/v1/pointers?${query}`, key),
      await get(`/v1/pointers/past?${query}`, key),
    ];
    expect(one.body).toEqual(other.body);
    expect(one.body.items).toMatchObject([{ active: `${PROMPT}@3`, since: expect.any(String) }]);
    expect((await get(`/v1/pointers?${query}&label=other`, key)).body.items).toEqual([]);
    const wrong = await get("/v1/pointers?at=yesterday", key);
    expect(wrong.body.detail).toBe("query.at: must be a time, as in 2026-01-31T18:00:00Z");
  });

  it("goes further back for a releaser alone", async () => {
    await threeMoves();
    const to = `${PROMPT}@1`;
    expect(await rollBack(await bench.key({ role: "editor" }), { to })).toMatchObject({
      status: 403,
      body: { error: { code: "forbidden", message: expect.stringContaining("no further") } },
    });
    expect(await rollBack(await bench.key({ role: "releaser" }), { to })).toMatchObject({
      status: 200,
      body: { serves: to, changed: true },
    });
  });

  it.each([
    [{ prompt: "support/nothing" }, 404],
    [{ reason: "  " }, 400],
    [{ reason: undefined }, 400],
    [{ to: "support/reply" }, 400],
    [{ to: "other@1" }, 404],
    [{ waitForFleetMs: 60_000 }, 400],
    [{ scope: "x" }, 400],
  ])("of %j is refused, and moves nothing", async (more, status) => {
    const revision = await threeMoves();
    const key = await bench.key({ role: "admin" });
    expect((await rollBack(key, more)).status).toBe(status);
    const { items } = (await get(`/v1/pointers?prompt=${PROMPT}`, key)).body;
    expect(items[0]).toMatchObject({ active: `${PROMPT}@3`, revision });
  });
});

describe("the list of rollouts", () => {
  it("has the newest first, page by page, each once, without what the key was not granted", async () => {
    const [one, two] = [
      await bench.store.addVersion("team/a", artifact("one")),
      await bench.store.addVersion("team/a", artifact("two")),
    ];
    const ids: string[] = [];
    for (let n = 0; n < 5; n++) {
      const id = await bench.store.addRollout("team/a", two, one);
      const end = n % 2 === 0 ? {} : ({ outcome: "promoted", phase: "done", ended_at: new Date() } as const);
      await bench.db
        .updateTable("rollouts")
        .set({ tenant: `t${n}`, ...end })
        .where("id", "=", id)
        .execute();
      ids.unshift(id);
    }
    const key = await bench.key({ role: "viewer" });
    const seen: string[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const { body } = await get(`/v1/rollouts?prompt=team/a&limit=2${cursor && `&cursor=${cursor}`}`, key);
      seen.push(...body.items.map(({ rolloutId }: { rolloutId: string }) => rolloutId));
      cursor = body.next;
    }
    expect(seen).toEqual(ids);
    expect((await get("/v1/rollouts?prompt=team/a&running=true", key)).body.items).toHaveLength(3);
    expect((await get("/v1/rollouts?prompt=team/a&label=staging", key)).body.items).toEqual([]);
    const granted = await bench.key({ role: "viewer", grants: { tenants: ["t3"] } });
    expect((await get("/v1/rollouts", granted)).body.items).toMatchObject([
      { tenant: "t3", outcome: "promoted" },
    ]);
    expect((await get(`/v1/rollouts/${ids[0]}`, key)).body).toMatchObject({
      rolloutId: ids[0],
      phase: "canary",
    });
  });

  it.each(["limit=0", "limit=201", "cursor=x", "running=yes", "page=2", "limit=1&limit=2"])(
    "refuses %s",
    async (query) => {
      const key = await bench.key({ role: "viewer" });
      expect((await get(`/v1/rollouts?${query}`, key)).status).toBe(400);
    },
  );

  it("knows no rollout of an id that is none", async () => {
    const key = await bench.key({ role: "viewer" });
    expect((await get("/v1/rollouts/00000000-0000-4000-8000-000000000000", key)).status).toBe(404);
    expect((await get("/v1/rollouts/x", key)).status).toBe(400);
  });
});
