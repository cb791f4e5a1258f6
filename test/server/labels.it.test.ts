import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { readAudit } from "../../src/storage/read/audit.ts";
import { verifyAudit } from "../../src/storage/read/verify-audit.ts";
import { artifact } from "../resolver/support/artifacts.ts";
import { call } from "./support/checked-call.ts";
import { openServer, type ServerBench } from "./support/server-bench.ts";

let bench: ServerBench;
let admin: string;
let prompt: string;
let labels: string;

beforeAll(async () => {
  bench = await openServer({ limits: { write: 10_000, read: 10_000 } });
  admin = await bench.key({ role: "admin", owner: "bea" });
});
afterAll(() => bench.close());
beforeEach(async () => {
  prompt = `p/${randomUUID().slice(0, 8)}`;
  labels = `/v1/prompts/${encodeURIComponent(prompt)}/labels`;
  for (const text of ["one", "two", "three"]) await bench.store.addVersion(prompt, artifact(text));
});

const put = (more: object, headers: Record<string, string> = {}, key = admin) =>
  call(bench.server.url, `PUT ${labels}`, {
    key,
    body: { label: "staging", version: 1, reason: "by hand", force: true, ...more },
    headers,
  });
const list = async () => (await call(bench.server.url, `GET ${labels}`, { key: admin })).body.items;

describe("a protected label", () => {
  const set = (label: string, isProtected: boolean, key = admin) =>
    call(bench.server.url, `PUT /v1/labels/${label}`, {
      key,
      body: { protected: isProtected, reason: "customers are on it" },
    });
  const ofLabel = async (label: string) =>
    (await call(bench.server.url, `GET /v1/labels/${label}`, { key: admin })).body;

  it("that comes after another one takes only what is live there for long enough, whoever moves it", async () => {
    const [before, after] = ["first", "then"].map((name) => `${name}-${randomUUID().slice(0, 8)}`) as [
      string,
      string,
    ];
    const say = (label: string, more: object) =>
      call(bench.server.url, `PUT /v1/labels/${label}`, {
        key: admin,
        body: { reason: "in this order", ...more },
      });
    expect((await say(after, { from: before, liveForMs: 0 })).body).toMatchObject({
      from: before,
      changed: true,
    });
    const move = { label: after, expectedRevision: 0 };
    expect(await put(move)).toMatchObject({
      status: 409,
      body: {
        error: { message: expect.stringContaining(`${after} takes only what is live at ${before} first`) },
      },
    });
    expect((await put({ label: before, expectedRevision: 0 })).status).toBe(200);
    expect((await put(move)).status).toBe(200);
    // For one tenant, too, who gets what everybody gets there.
    expect((await put({ ...move, tenant: "acme" })).status).toBe(200);
    expect((await put({ ...move, tenant: "globex", version: 3 })).status).toBe(409);
    await say(after, { liveForMs: 3_600_000 });
    expect((await put({ label: before, version: 2, expectedRevision: 1 })).status).toBe(200);
    const early = { label: after, version: 2, expectedRevision: 1 };
    expect((await put(early)).body.error.message).toMatch(/has been live at .* may go there from 20/);
    const rollback = { prompt, label: after, reason: "back" };
    const headers = { "idempotency-key": randomUUID() };
    expect(
      (await call(bench.server.url, "POST /v1/rollbacks", { key: admin, body: rollback, headers })).status,
    ).toBe(200);
    expect((await put({ ...early, expectedRevision: 2, emergency: true })).status).toBe(200);
    expect((await say(before, { from: after })).body.error.message).toContain("cannot come after itself");
    expect((await say(before, { liveForMs: 5 })).body.error.message).toContain("name the label before it");
    expect((await say(after, { from: null })).body).toMatchObject({ from: null, liveForMs: 0 });
    expect((await put({ ...early, version: 3, expectedRevision: 3 })).status).toBe(200);
  });

  it("is production from the start, and any other when an admin says so, audited by proof", async () => {
    expect(await ofLabel("production")).toEqual({
      label: "production",
      protected: true,
      onDirectMove: "rollout",
      from: null,
      liveForMs: 0,
    });
    const label = `beta-${randomUUID().slice(0, 8)}`;
    expect(await ofLabel(label)).toMatchObject({ label, protected: false });
    expect((await set(label, true)).body).toMatchObject({ protected: true, changed: true });
    expect((await set(label, true)).body).toMatchObject({ protected: true, changed: false });
    expect((await set(label, false)).body).toMatchObject({ protected: false, changed: true });
    const entries = (await readAudit(bench.db, { prompt: "" })).filter((entry) => entry.label === label);
    expect(entries).toMatchObject([
      { action: "label_protected", principal: { name: "bea" }, reason: "customers are on it" },
      { action: "label_unprotected", principal: { name: "bea" } },
    ]);
    expect(await verifyAudit(bench.db)).toMatchObject({ ok: true });
  });

  it("is moved by a releaser, and not by an editor, who may take it back all the same", async () => {
    const label = `beta-${randomUUID().slice(0, 8)}`;
    await put({ label, expectedRevision: 0 });
    const version = (await list()).find((one: { label: string }) => one.label === label).version_id;
    // Its gate has passed against what is served.
    const rolloutId = await bench.store.addRollout(prompt, version, version);
    await bench.store.query(
      `insert into sluice.evaluations (rollout_id, candidate_version, baseline_version, dataset_sha256, gate_sha256, verdict)
       select $1, $2, $2, policy_sha256, 'g', 'pass' from sluice.rollouts where id = $1`,
      [rolloutId, version],
    );
    const editor = await bench.key({ role: "editor" });
    const releaser = await bench.key({ role: "releaser" });
    const move = (revision: number, key: string) =>
      put({ label, version: 1, expectedRevision: revision, force: false }, {}, key);
    expect((await move(1, editor)).status).toBe(200);
    await set(label, true);
    expect(await move(2, editor)).toMatchObject({
      status: 403,
      body: { error: { code: "forbidden", details: { label, permission: "release_protected" } } },
    });
    expect((await move(2, releaser)).status).toBe(200);
    const back = await call(bench.server.url, "POST /v1/rollbacks", {
      key: editor,
      body: { prompt, label, reason: "worse" },
    });
    expect(back.status).toBe(200);
  });
});

describe("a label that is put on a version", () => {
  it("moves from the revision that was seen, however that is said, and says the new one", async () => {
    const first = await put({}, { "if-none-match": "*" });
    expect(first).toMatchObject({
      status: 200,
      body: { label: "staging", serves: `${prompt}@1`, revision: 1 },
    });
    const etag = first.headers.get("etag")!;
    expect(etag).toMatch(/^"1-[0-9a-f]{8}"$/);
    expect((await put({ version: 2 }, { "if-match": etag })).body).toMatchObject({ revision: 2 });
    expect((await put({ version: 3 }, { "if-match": '"2"' })).body).toMatchObject({ revision: 3 });
    const [one] = await list();
    expect(one).toMatchObject({ label: "staging", serves: `${prompt}@3`, revision: 3, candidate: null });
    const byId = await put({ version: undefined, version_id: one.version_id, expectedRevision: 3 });
    expect(byId.body).toMatchObject({ serves: `${prompt}@3`, revision: 4 });
    expect((await readAudit(bench.db, { prompt })).map(({ principal }) => principal?.name)).toEqual(
      Array(4).fill("bea"),
    );
  });

  it("is not moved without a revision, or from another one", async () => {
    expect(await put({})).toMatchObject({ status: 428, body: { error: { code: "precondition_required" } } });
    await put({ expectedRevision: 0 });
    expect(await put({ version: 2 }, { "if-match": '"7"' })).toMatchObject({
      status: 412,
      body: { error: { code: "precondition_failed", details: { revision: 1 } } },
    });
    expect(await put({ version: 2 }, { "if-none-match": "*" })).toMatchObject({ status: 412 });
    expect(await put({ version: 2, expectedRevision: 7 })).toMatchObject({
      status: 409,
      body: { error: { code: "conflict", details: { revision: 1 } } },
    });
    expect(await list()).toMatchObject([{ serves: `${prompt}@1`, revision: 1 }]);
  });

  it("is moved once by a hundred who have all seen the same revision", async () => {
    await put({ expectedRevision: 0 });
    const called = await Promise.all(
      Array.from({ length: 100 }, (_, n) =>
        n % 2 === 0 ? put({ version: 2 }, { "if-match": '"1"' }) : put({ version: 2, expectedRevision: 1 }),
      ),
    );
    const count = (status: number) => called.filter((one) => one.status === status).length;
    expect([count(200), count(412) + count(409)]).toEqual([1, 99]);
    expect(count(412)).toBeGreaterThanOrEqual(49);
    expect(await list()).toMatchObject([{ serves: `${prompt}@2`, revision: 2 }]);
    expect(await readAudit(bench.db, { prompt })).toHaveLength(2);
  });

  it("needs evidence from whoever may not force it", async () => {
    await put({ expectedRevision: 0 });
    const editor = await bench.key({ role: "editor" });
    const move = { version: 2, expectedRevision: 1 };
    expect(await put({ ...move, force: false }, {}, editor)).toMatchObject({
      status: 409,
      body: { error: { code: "stale_evidence" } },
    });
    expect(await put(move, {}, editor)).toMatchObject({
      status: 403,
      body: { error: { code: "forbidden", details: { permission: "force" } } },
    });
    const granted = await bench.key({ role: "releaser", grants: { force: true } });
    expect((await put(move, {}, granted)).status).toBe(200);
  });

  it("is that of a tenant or a model, under the name that services send", async () => {
    const scope = { tenant: "acme", model: "openai/GPT-5.4-mini", expectedRevision: 0 };
    expect((await put(scope)).status).toBe(200);
    expect(await list()).toMatchObject([{ tenant: "acme", model: "gpt-5.4-mini", revision: 1 }]);
    const back = await call(bench.server.url, "POST /v1/rollbacks", {
      key: admin,
      body: { prompt, label: "staging", tenant: "acme", model: "openai/gpt-5.4-mini", reason: "worse" },
    });
    expect(back).toMatchObject({ status: 200, body: { revision: 2 } });
  });

  it.each([
    [{ version: undefined }, {}, 400],
    [{ version: 1, version_id: "00000000-0000-4000-8000-000000000000" }, {}, 400],
    [{ version: undefined, version_id: "00000000-0000-4000-8000-000000000000" }, {}, 400],
    [{ version: 9 }, {}, 404],
    [{ label: "No!" }, {}, 400],
    [{ reason: " " }, {}, 400],
    [{ expectedRevision: -1 }, {}, 400],
    [{ expectedRevision: 1 }, { "if-match": '"2"' }, 400],
    [{}, { "if-match": "*" }, 400],
    [{}, { "if-match": "7" }, 400],
    [{}, { "if-match": '"0"', "if-none-match": "*" }, 400],
  ])("with %j and the headers %j is refused, and nothing is moved", async (more, headers, status) => {
    expect((await put({ expectedRevision: 0, ...more }, headers as never)).status).toBe(status);
    expect(await list()).toEqual([]);
  });

  it("answers once to a request that was named, though its answer was lost", async () => {
    const move = () => put({ expectedRevision: 0 }, { "idempotency-key": "move-1" });
    const first = await move();
    const again = await move();
    expect(again.body).toEqual(first.body);
    expect(again.headers.get("etag")).toBe(first.headers.get("etag"));
    expect(again.headers.get("idempotency-replayed")).toBe("true");
  });
});
