import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WorkflowNotFoundError } from "@temporalio/client";
import { XMLParser } from "fast-xml-parser";
import { readAudit } from "../../src/storage/read/audit.ts";
import { evaluationWorkflowId } from "../../src/protocol/names.ts";
import { freePort } from "../../src/local/processes/free-port.ts";
import { sweepAbandoned } from "../../src/use-cases/clear-abandoned.ts";
import { clearAbandonedEvaluations } from "../../src/use-cases/clear-abandoned-evaluations.ts";
import { eventually } from "../resolver/support/eventually.ts";
import { openRolloutServer, type RolloutServer } from "./support/rollout-server.ts";

const vars = (question: string) => ({ question });
const says = (value: string) => [{ type: "icontains", value }];
const CASES = [
  { vars: vars("Can I get a refund for the plan that I bought last week?"), assert: says("30 days") },
  { vars: vars("I forgot my password and cannot log in. What do I do?"), assert: says("24 hours") },
];

/** Of which two cases show enough. */
const POLICY = { gate: { dataset: "golden", min_pass_rate: 0.5, max_regression: 0.8 } };

const GATE = "gate: { dataset: golden.yaml }";

let server: RolloutServer;
let editor: string;
let viewer: string;
beforeEach(async () => {
  server = await openRolloutServer();
  await server.bench.seed();
  editor = await server.key({ role: "editor", owner: "ed" });
  viewer = await server.key({ role: "viewer" });
});
afterEach(() => server.close());

const ask = (more: object = {}, key = editor, headers: Record<string, string> = {}) =>
  server.post(
    "/v1/evaluations",
    key,
    { prompt: server.bench.prompt, version: 2, dataset: CASES, maxCostUsd: 1, ...more },
    headers,
  );
const get = async (path: string, key = viewer) => (await server.get(`/v1/evaluations${path}`, key)).body;
async function ended(id: string) {
  await eventually("its end", async () => (await get(`/${id}`)).state !== "running", 60_000);
  return get(`/${id}`);
}

describe("an evaluation over HTTP", () => {
  it("is run by workers, and told with its results, though the server that was asked is gone", async () => {
    const asked = await ask({ policy: POLICY });
    expect(asked).toMatchObject({
      status: 202,
      body: { candidate: `${server.bench.prompt}@2`, baseline: `${server.bench.prompt}@1`, cases: 2 },
    });
    const id = asked.body.evaluationId;
    expect(asked.headers.get("location")).toBe(`/v1/evaluations/${id}`);
    expect(await get(`/${id}`)).toMatchObject({ state: "running", recorded: 0, report: null, maxCostUsd: 1 });
    expect((await server.get(`/v1/evaluations/${id}/report.xml`, viewer)).status).toBe(409);
    await server.restart();
    server.bench.startWorker();
    expect(await ended(id)).toMatchObject({
      state: "ended",
      verdict: "pass",
      rolloutId: null,
      recorded: 4,
      errors: 0,
      report: { cases: 2, passRate: 1, baselinePassRate: 1 },
    });
    const first = await get(`/${id}/results?limit=3`);
    expect(first.items).toMatchObject([
      { caseIndex: 0, arm: "baseline", pass: true },
      { caseIndex: 0, arm: "candidate", pass: true },
      { caseIndex: 1, arm: "baseline", pass: true },
    ]);
    expect(await get(`/${id}/results?limit=3&cursor=${first.next}`)).toMatchObject({
      items: [{ caseIndex: 1, arm: "candidate" }],
      next: null,
    });
    const { testsuites } = new XMLParser({ ignoreAttributes: false }).parse(await get(`/${id}/report.xml`));
    expect(testsuites).toMatchObject({ "@_tests": "2", "@_failures": "0" });
    expect((await get(`?prompt=${server.bench.prompt}`)).items).toMatchObject([
      { evaluationId: id, verdict: "pass", candidate: `${server.bench.prompt}@2` },
    ]);
    // It was no gate, so it vouches for nothing.
    const move = { label: "production", version: 2, expectedRevision: 1, reason: "it passed" };
    const put = await server.put(`/v1/prompts/${server.bench.prompt}/labels`, await server.key(), move);
    expect(put).toMatchObject({ status: 409, body: { error: { code: "stale_evidence" } } });
    expect((await readAudit(server.bench.db, { prompt: server.bench.prompt })).at(-1)).toMatchObject({
      action: "evaluation_requested",
      principal: { name: "ed" },
      details: { evaluationId: id, maxCostUsd: 1 },
    });
  }, 90_000);

  it("fails where it cannot be asked, and says why", async () => {
    server.bench.startWorker();
    await server.bench.modelsAway();
    const { body } = await ask();
    expect(await ended(body.evaluationId)).toMatchObject({ state: "failed", verdict: null, report: null });
    expect((await get(`/${body.evaluationId}`)).reason).not.toBe("");
    expect((await server.get(`/v1/evaluations/${body.evaluationId}/report.xml`, viewer)).status).toBe(409);
  }, 90_000);

  it("that nothing carries out any more fails, once that is sure", async () => {
    const { db, client, starter } = server.bench;
    const sweep = (more: object = {}) =>
      clearAbandonedEvaluations(db, starter, { olderThanMs: 0, missingForMs: 0, ...more });
    const asked = async () => (await ask()).body.evaluationId as string;
    const [terminated, elsewhere, unknown] = [await asked(), await asked(), await asked()];
    const terminate = (id: string) => client.workflow.getHandle(evaluationWorkflowId(id)).terminate("test");
    await terminate(terminated);
    expect(await sweep({ olderThanMs: 60_000 })).toEqual([]);
    expect(await sweep()).toEqual([terminated]);
    expect(await get(`/${terminated}`)).toMatchObject({
      state: "failed",
      reason: "its workflow was terminated in Temporal",
      endedAt: expect.any(String),
    });

    // Another Temporal's workflow is nothing that this one can know of.
    await terminate(elsewhere);
    const rows = db.updateTable("evaluations");
    await rows.set({ temporal_namespace_id: "another" }).where("id", "=", elsewhere).execute();
    const lost = randomUUID();
    await rows.set({ id: lost }).where("id", "=", unknown).execute();
    expect(await sweep({ missingForMs: 60_000 })).toEqual([]);
    expect(await sweep({ missingForMs: 60_000 })).toEqual([]);
    expect(await sweep()).toEqual([lost]);
    expect(await get(`/${lost}`)).toMatchObject({
      state: "failed",
      reason: "its workflow is not known to Temporal any more",
    });

    // A gate ends with its rollout.
    const { rolloutId, workflowId } = await server.bench.start(2, GATE);
    const { id: gate } = await db
      .insertInto("evaluations")
      .columns(["rollout_id", "candidate_version", "dataset_sha256", "gate_sha256"])
      .expression((from) =>
        from
          .selectFrom("evaluations")
          .select([
            sql<string>`${rolloutId}::uuid`.as("rollout"),
            "candidate_version",
            "dataset_sha256",
            "gate_sha256",
          ])
          .where("id", "=", terminated),
      )
      .returning("id")
      .executeTakeFirstOrThrow();
    expect(await sweep()).toEqual([]);
    await client.workflow.getHandle(workflowId).terminate("test");
    expect(await sweepAbandoned(db, starter, { olderThanMs: 0 })).toEqual([rolloutId]);
    expect(await sweep()).toEqual([gate]);
    expect((await get("")).items.map(({ state }: { state: string }) => state)).toEqual(
      expect.arrayContaining(["failed", "failed", "failed", "running"]),
    );
    expect(await get(`/${gate}`)).toMatchObject({ reason: "its rollout ended before it: failed" });
  }, 60_000);

  it("spends no more than it may", async () => {
    server.bench.startWorker();
    const { body } = await ask({ maxCostUsd: 1e-7 });
    expect(await ended(body.evaluationId)).toMatchObject({ state: "ended", verdict: "insufficient" });
    expect((await get(`/${body.evaluationId}`)).costUsd).toBeLessThanOrEqual(1e-7);
  }, 90_000);

  it("may be asked again by the clock for no more than once", async () => {
    const set = async (max_cost_usd: number, more: object = {}) =>
      server.put("/v1/monitors", await server.key(), {
        prompt: server.bench.prompt,
        monitors: { regate: { max_cost_usd }, ...more },
      });
    expect(await set(11)).toMatchObject({
      status: 400,
      body: {
        error: {
          message:
            "body.monitors.regate.max_cost_usd: over HTTP a run may spend 10 US dollars at most (SLUICE_MAX_EVALUATION_USD of the server)",
        },
      },
    });
    const { rows } = await sql`select from sluice.monitors where spec is not null`.execute(server.bench.db);
    expect(rows).toEqual([]);
    expect(await set(10)).toMatchObject({ status: 200, body: { items: [{ spec: { kind: "regate" } }] } });
    expect(await set(10, { action: "rollback" })).toMatchObject({
      status: 200,
      body: { items: [{ spec: { kind: "regate", action: "rollback" } }] },
    });
    expect(await set(10, { action: "pause" })).toMatchObject({
      status: 400,
      body: { error: { message: "monitors.action: must be rollback, or off" } },
    });
  });

  it("is one, however often the request of a name comes", async () => {
    const headers = { "idempotency-key": "eval-1" };
    const { body } = await ask({}, editor, headers);
    const again = await ask({}, editor, headers);
    expect(again.body).toEqual(body);
    expect(again.headers.get("idempotency-replayed")).toBe("true");
    expect((await get("")).items).toHaveLength(1);
  });

  it.each([
    [{ maxCostUsd: undefined }, 400],
    [{ maxCostUsd: 10.01 }, 400],
    [{ maxCostUsd: -1 }, 400],
    [{ version: 9 }, 404],
    [{ baseline: 9 }, 404],
    [{ dataset: undefined }, 400],
    [{ dataset: [{ vars: {}, assert: [] }] }, 400],
    [{ dataset: "/etc/passwd" }, 400],
    [{ dataset: [{ vars: "file:///etc/passwd", assert: [] }] }, 400],
    [{ policy: { gate: { dataset: "/etc/passwd" } }, dataset: undefined }, 400],
  ])("of %j is refused, and nothing is kept or started", async (more, status) => {
    expect((await ask(more)).status).toBe(status);
    expect((await get("")).items).toEqual([]);
  });

  it("with Temporal away is refused, and said to have failed", async () => {
    const away = await openRolloutServer({ temporal: `127.0.0.1:${await freePort()}` });
    try {
      await away.bench.seed();
      const key = await away.key();
      const body = { prompt: away.bench.prompt, version: 2, dataset: CASES, maxCostUsd: 1 };
      const refused = await away.post("/v1/evaluations", key, body);
      expect(refused).toMatchObject({ status: 503, body: { error: { code: "unavailable" } } });
      const [kept] = (await away.get("/v1/evaluations", key)).body.items;
      expect(kept).toMatchObject({
        state: "failed",
        reason: expect.stringContaining("could not be started"),
      });
      const handle = server.bench.client.workflow.getHandle(evaluationWorkflowId(kept.evaluationId));
      await expect(handle.describe()).rejects.toBeInstanceOf(WorkflowNotFoundError);
    } finally {
      await away.close();
    }
  }, 60_000);
});
