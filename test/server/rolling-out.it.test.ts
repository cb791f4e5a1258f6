import { sql } from "kysely";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { freePort } from "../../src/local/processes/free-port.ts";
import { readAudit } from "../../src/storage/read/audit.ts";
import { findPointer } from "../../src/storage/read/pointer.ts";
import { findRollout } from "../../src/storage/read/rollout-row.ts";
import { eventually } from "../resolver/support/eventually.ts";
import { startRefusingTemporal } from "../support/refusing-temporal.ts";
import { openRolloutServer, type RolloutServer } from "./support/rollout-server.ts";
import type { Called } from "./support/checked-call.ts";
import { ENDLESS_CANARY } from "./support/endless-canary.ts";

const DATASET = [
  {
    vars: { question: "Can I get a refund for the plan that I bought last week?" },
    assert: [{ type: "icontains", value: "30 days" }],
  },
];
const GATE = { dataset: "golden", min_pass_rate: 0.9, on_insufficient: "canary" };
const POLICY = {
  gate: GATE,
  ...ENDLESS_CANARY,
};
const FROM_FILE = { ...POLICY, gate: { ...GATE, dataset: "golden.yaml" } };

let server: RolloutServer;
let releaser: string;
let editor: string;
beforeEach(async () => {
  server = await openRolloutServer();
  await server.bench.seed();
  server.bench.startWorker();
  releaser = await server.key({ owner: "rea" });
  editor = await server.key({ role: "editor", owner: "ed" });
});
afterEach(() => server.close());

const start = (key: string, more: object = {}, headers: Record<string, string> = {}) =>
  server.post(
    "/v1/rollouts",
    key,
    { prompt: server.bench.prompt, version: 2, policy: POLICY, dataset: DATASET, ...more },
    headers,
  );
const until = (id: string, phase: string) =>
  server.bench.until(id, (status) => status.phase === phase, phase);
const actionsOf = async (rolloutId: string) =>
  (await readAudit(server.bench.db, { rolloutId })).map(
    ({ action, principal }) => `${action}${principal ? ` by ${principal.name}` : ""}`,
  );
/** As a server leaves it that dies between what it was asked to do and its answer. */
const loseAnswer = (action: string) =>
  sql`
    update sluice.operations asked
    set outcome = jsonb_build_object('state', 'claimed', 'until', 0, 'attempt', split_part(taken.id, '/', -2))
    from sluice.operations taken
    where taken.id = asked.id || '/' || split_part(taken.id, '/', -2) || '/' || ${action}`.execute(
    server.bench.db,
  );
const served = () => findPointer(server.bench.db, server.bench.scope);

describe("a rollout over HTTP", () => {
  it("is started, paused, resumed and ended by a key's owner, by proof, though a worker does it", async () => {
    const started = await start(releaser);
    expect(started).toMatchObject({
      status: 202,
      body: { candidate: `${server.bench.prompt}@2`, joined: false, replaced: null, needsApproval: false },
    });
    const { rolloutId, workflowId } = started.body;
    expect(started.headers.get("location")).toBe(`/v1/rollouts/${rolloutId}`);
    expect(started.body.uiUrl).toBe(`http://ui/${workflowId}`);
    await until(rolloutId, "canary");
    const at = `/v1/rollouts/${rolloutId}`;
    expect((await server.post(`${at}/pause`, editor, { reason: "lunch" })).body).toMatchObject({
      paused: true,
    });
    expect((await server.get(at, releaser)).body).toMatchObject({ paused: true, phase: "canary" });
    expect((await server.post(`${at}/resume`, editor)).body).toMatchObject({ paused: false });
    const { revision, tick } = (await server.get(at, releaser)).body;
    const stale = await server.post(`${at}/promote`, releaser, { seen: { revision: revision - 1, tick } });
    expect(stale).toMatchObject({
      status: 409,
      body: {
        error: {
          code: "conflict",
          details: { revision, moves: [{ action: "stage_opened", revision }], looks: [] },
        },
      },
    });
    const seen = { revision, tick };
    expect((await server.post(`${at}/promote`, releaser, { seen })).body).toMatchObject({ granted: false });
    const abort = () =>
      server.post(`${at}/abort`, editor, { reason: "wrong one" }, { "idempotency-key": "no-2" });
    expect(await abort()).toMatchObject({ status: 200, body: { rolloutId, outcome: null } });
    await until(rolloutId, "done");
    await loseAnswer("abort");
    expect(await abort()).toMatchObject({ status: 200, body: { rolloutId, outcome: "aborted" } });
    expect(await findRollout(server.bench.db, rolloutId)).toMatchObject({ outcome: "aborted" });
    expect(await actionsOf(rolloutId)).toEqual([
      "rollout_started by rea",
      "stage_opened",
      "pause_requested by ed",
      "paused",
      "resume_requested by ed",
      "resumed",
      "promote_requested by rea",
      "abort_requested by ed",
      "rolled_back",
    ]);
    expect(await server.post(`${at}/pause`, editor)).toMatchObject({
      status: 409,
      body: { error: { code: "conflict", details: { outcome: "aborted" } } },
    });
    const record = (await server.get(`${at}/record`, releaser)).body;
    expect(record).toMatchObject({
      rollout: { rolloutId, outcome: "aborted" },
      gate: { verdict: "insufficient" },
      audit: expect.arrayContaining([expect.objectContaining({ action: "abort_requested" })]),
    });
    expect(record.ticks).toBeGreaterThan(0);
    expect(record.decision.tick).toBe(record.assessments.at(-1).tick);
    expect((await server.post(`${at}/recomputation`, releaser)).body).toMatchObject({
      rolloutId,
      looks: record.ticks,
      identical: true,
      first: null,
    });
  });

  it("is one, though it is asked for by many at once, and its receipt comes again", async () => {
    const headers = { "idempotency-key": "ci-run-7" };
    const called = await Promise.all(Array.from({ length: 10 }, () => start(releaser, {}, headers)));
    const started = called.filter(({ status }) => status === 202);
    expect(started.length).toBeGreaterThan(0);
    expect(called.every(({ status }) => status === 202 || status === 409)).toBe(true);
    const again = await start(releaser, {}, headers);
    expect(again.headers.get("idempotency-replayed")).toBe("true");
    expect(again.body).toEqual(started[0]!.body);
    expect(again.body.requestId).toBe("ci-run-7");
    const { items } = (await server.get("/v1/rollouts", releaser)).body;
    expect(items).toHaveLength(1);
    // Another key's request of the same name is the same attempt of the same version.
    expect((await start(await server.key(), {}, headers)).body).toMatchObject({
      joined: true,
      rolloutId: again.body.rolloutId,
    });
  });

  it("is in another's way until that is replaced", async () => {
    const { rolloutId } = (await start(releaser)).body;
    await server.bench.push(3);
    expect(await start(releaser, { version: 3 })).toMatchObject({
      status: 409,
      body: { error: { details: { rolloutId } } },
    });
    expect(await start(releaser, { version: 3, replace: true })).toMatchObject({
      status: 202,
      body: { replaced: rolloutId },
    });
    expect(await findRollout(server.bench.db, rolloutId)).toMatchObject({ outcome: "aborted" });
  });

  it("that broke is started again by redriving its dead letter, by the key's owner", async () => {
    await server.bench.modelsAway();
    const { rolloutId } = (await start(releaser)).body;
    await until(rolloutId, "done");
    const letters = async () => (await server.get("/v1/dead-letters", releaser)).body.items;
    await eventually("a dead letter", async () => (await letters()).length === 1);
    const [letter] = await letters();
    expect(letter).toMatchObject({ rolloutId, prompt: server.bench.prompt });
    const again = await server.post(`/v1/dead-letters/${letter.id}/redrive`, releaser);
    expect(again).toMatchObject({ status: 200, body: { already: false, letter: { resolvedBy: "rea" } } });
    const started = again.body.rollout.rolloutId;
    expect(started).not.toBe(rolloutId);
    expect(await actionsOf(started)).toEqual(["rollout_started by rea"]);
    await server.post(`/v1/rollouts/${started}/abort`, editor);
  });

  it.each([
    [{ version: 9 }, 404],
    [{ policy: undefined, dataset: undefined }, 400],
    [{ dataset: undefined }, 400],
    [{ policy: { ...POLICY, canary: { ...POLICY.canary, stages: [] } } }, 400],
    [{ policy: { ...POLICY, notify: [{ webhook: "env:DATABASE_URL" }] } }, 400],
    [{ policy: { ...POLICY, gate: { ...GATE, dataset: "/etc/passwd" } }, dataset: undefined }, 400],
    [{ dataset: [{ vars: "file:///etc/passwd", assert: [] }] }, 400],
  ])("that asks for %j is refused, and nothing is started", async (more, status) => {
    expect((await start(releaser, more)).status).toBe(status);
    expect((await server.get("/v1/rollouts", releaser)).body.items).toEqual([]);
  });
});

describe("an installation", () => {
  it("is examined for an admin without limits, and for nobody else", async () => {
    const examine = async (request: Parameters<typeof server.key>[0]) =>
      server.get("/v1/examination", await server.key(request));
    const { status, body } = await examine({ role: "admin" });
    expect(status).toBe(200);
    for (const [part, name] of [
      ["postgres", "schema"],
      ["postgres", "notifications"],
      ["temporal", "server"],
      ["rollouts", "canaries"],
    ])
      expect(body.checks).toContainEqual(expect.objectContaining({ part, name, state: "ok", todo: null }));
    expect((await examine({ role: "admin", grants: { prompts: ["other"] } })).status).toBe(403);
    expect((await examine({ role: "releaser" })).status).toBe(403);
  });
});

describe("a control whose answer was lost", () => {
  it("is answered again as it was after the rollout's end, and not where it was never carried out", async () => {
    const { rolloutId } = (await start(releaser)).body;
    await until(rolloutId, "canary");
    const ask = (action: string, name = `${action}-1`) =>
      server.post(`/v1/rollouts/${rolloutId}/${action}`, releaser, {}, { "idempotency-key": name });
    const ACTIONS = ["pause", "resume", "promote"];
    const answered: Called[] = [];
    for (const action of ACTIONS) answered.push(await ask(action));
    expect(answered).toMatchObject([
      { status: 200, body: { paused: true } },
      { status: 200, body: { paused: false } },
      { status: 200, body: { granted: false, missing: expect.any(String) } },
    ]);
    // While it runs, too: nothing is paused a second time.
    await loseAnswer("pause");
    expect(await ask("pause")).toMatchObject({ status: 200, body: answered[0]!.body });
    expect((await server.get(`/v1/rollouts/${rolloutId}`, releaser)).body.paused).toBe(false);
    await server.post(`/v1/rollouts/${rolloutId}/abort`, editor);
    await until(rolloutId, "done");
    for (const [at, action] of ACTIONS.entries()) {
      await loseAnswer(action);
      const again = await ask(action);
      expect(again, action).toMatchObject({ status: 200, body: answered[at]!.body });
      expect(again.headers).not.toHaveProperty("idempotency-replayed");
      expect((await ask(action, `${action}-2`)).status).toBe(409);
    }
    // Asked for by a server that died before it told the workflow.
    await sql`
      insert into sluice.operations (id, request_sha256, outcome)
      select replace(id, '/pause-1', '/pause-3'), request_sha256, outcome from sluice.operations
      where id ~ '/pause-1(/[^/]+/pause)?$'`.execute(server.bench.db);
    await loseAnswer("pause");
    expect((await ask("pause", "pause-3")).status).toBe(409);
    const asked = (await actionsOf(rolloutId)).filter((action) => action.endsWith("_requested by rea"));
    expect(asked).toHaveLength(ACTIONS.length);
  });
});

describe("on a protected label, an editor", () => {
  it("asks, and a releaser who is somebody else says yes before any user gets it", async () => {
    const started = await start(editor);
    expect(started).toMatchObject({ status: 202, body: { needsApproval: true } });
    const { rolloutId } = started.body;
    await until(rolloutId, "awaiting_approval");
    expect(await served()).toMatchObject({ share: 0, candidate_version: null });
    const at = `/v1/rollouts/${rolloutId}`;
    for (const action of ["approve", "reject", "promote"])
      expect(await server.post(`${at}/${action}`, editor)).toMatchObject({
        status: 403,
        body: { error: { details: { permission: "release_protected" } } },
      });
    // The same person with a key that may.
    const both = await server.key({ owner: "ed" });
    expect(await server.post(`${at}/approve`, both)).toMatchObject({
      status: 403,
      body: { error: { code: "forbidden", message: expect.stringContaining("somebody else") } },
    });
    const looked = (revision: number) => ({ comment: "looks good", seen: { revision } });
    expect((await server.post(`${at}/approve`, releaser, looked(99))).status).toBe(409);
    const { revision } = (await server.get(`/v1/rollouts/${rolloutId}`, releaser)).body;
    expect(await server.post(`${at}/approve`, releaser, looked(revision))).toMatchObject({
      status: 200,
      body: { decision: "approved", approvedBy: ["rea"], point: "canary", counts: true },
    });
    await until(rolloutId, "canary");
    expect(await actionsOf(rolloutId)).toEqual(["rollout_started by ed", "approved by rea", "stage_opened"]);
    await server.post(`${at}/abort`, editor);
    await until(rolloutId, "done");
  });

  it("is told no, and nothing was served", async () => {
    const { rolloutId } = (await start(editor)).body;
    await until(rolloutId, "awaiting_approval");
    const reject = () =>
      server.post(
        `/v1/rollouts/${rolloutId}/reject`,
        releaser,
        { comment: "not now" },
        {
          "idempotency-key": "no-1",
        },
      );
    const answered = await reject();
    expect(answered).toMatchObject({ status: 200, body: { decision: "rejected", recorded: true } });
    await until(rolloutId, "done");
    await loseAnswer("reject");
    const again = await reject();
    expect(again).toMatchObject({ status: 200, body: answered.body });
    expect(again.headers).not.toHaveProperty("idempotency-replayed");
    expect((await actionsOf(rolloutId)).filter((action) => action.startsWith("rejected"))).toHaveLength(1);
    expect(await findRollout(server.bench.db, rolloutId)).toMatchObject({
      outcome: "rejected",
      reason: expect.stringContaining("rea: not now"),
    });
  });

  it("is counted once, however many keys they have", async () => {
    const approval = { before: "canary", approvers: 2 };
    const { rolloutId } = (await start(releaser, { policy: { ...POLICY, approval } })).body;
    await until(rolloutId, "awaiting_approval");
    const at = `/v1/rollouts/${rolloutId}/approve`;
    expect((await server.post(at, releaser)).body).toMatchObject({
      decision: "waiting",
      approvedBy: ["rea"],
    });
    const second = await server.key({ owner: "rea" });
    expect((await server.post(at, second)).body).toMatchObject({
      decision: "waiting",
      approvedBy: ["rea"],
      recorded: false,
    });
    expect((await server.post(at, await server.key({ owner: "max" }))).body).toMatchObject({
      decision: "approved",
      approvedBy: ["rea", "max"],
    });
    await until(rolloutId, "canary");
    await server.post(`/v1/rollouts/${rolloutId}/abort`, editor);
    await until(rolloutId, "done");
  });

  it("releases by themselves where the label is not protected", async () => {
    const { body } = await start(editor, { label: "staging", policy: { gate: { dataset: "golden" } } });
    expect(body).toMatchObject({ needsApproval: false });
    expect(await until(body.rolloutId, "done")).toMatchObject({ outcome: "promoted" });
  });
});

describe("with Temporal away", () => {
  it(
    "starting and controlling are refused with the way back, which works, as aborting does",
    { tags: "long" },
    async () => {
      const closed = await freePort();
      const away = await openRolloutServer({ temporal: `127.0.0.1:${closed}` });
      try {
        await away.bench.seed();
        const key = await away.key();
        const refused = await away.post("/v1/rollouts", key, {
          prompt: away.bench.prompt,
          version: 2,
          policy: POLICY,
          dataset: DATASET,
        });
        expect(refused).toMatchObject({
          status: 503,
          body: { error: { code: "unavailable", details: { instead: "/v1/rollbacks" } } },
        });
        expect(refused.headers.get("retry-after")).toBe("1");
        expect((await away.get("/v1/rollouts", key)).body.items).toEqual([]);
        // One that was started while Temporal was there.
        const { rolloutId: open } = await away.bench.start(2, JSON.stringify(FROM_FILE));
        for (const action of ["pause", "resume", "promote"])
          expect(await away.post(`/v1/rollouts/${open}/${action}`, key), action).toMatchObject({
            status: 503,
            body: { error: { details: { instead: "/v1/rollbacks" } } },
          });
        expect((await away.post(`/v1/rollouts/${open}/abort`, key)).body).toMatchObject({
          outcome: "aborted",
        });
        const back = await away.post("/v1/rollbacks", key, { prompt: away.bench.prompt, reason: "worse" });
        expect(back.status).toBe(200);
      } finally {
        await away.close();
      }
    },
  );
});

describe("a Temporal that does not let the server in", () => {
  it.each([
    ["refuses its key", 7, { TEMPORAL_API_KEY: "canary-key", TEMPORAL_TLS: "false" }],
    ["does not know it", 16, { TEMPORAL_API_KEY: "canary-key", TEMPORAL_TLS: "false" }],
    ["has no such namespace", undefined, { TEMPORAL_NAMESPACE: "nope" }],
  ])(
    "%s is the server's trouble, and not the caller's: 503, and its log says why",
    async (_, status, environment) => {
      const refusing = await openRolloutServer({
        ...(status !== undefined && { temporal: await startRefusingTemporal(status) }),
        environment,
      });
      try {
        await refusing.bench.seed();
        const key = await refusing.key();
        for (const [path, more] of [
          ["/v1/rollouts", { policy: POLICY }],
          ["/v1/evaluations", { maxCostUsd: 1 }],
        ] as const) {
          const request = { prompt: refusing.bench.prompt, version: 2, dataset: DATASET, ...more };
          const called = await refusing.post(path, key, request);
          expect(called, path).toMatchObject({ status: 503, body: { error: { code: "unavailable" } } });
          expect(JSON.stringify(called.body)).not.toMatch(/127\.0\.0\.1|canary-key/);
        }
        const log = refusing.log.join("\n");
        expect(log).toMatch(/"because":"Temporal at 127\.0\.0\.1/);
        expect(log).not.toContain("canary-key");
      } finally {
        await refusing.close();
      }
    },
  );
});
