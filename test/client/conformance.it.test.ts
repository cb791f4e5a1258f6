import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readKey } from "../../src/access/key-text.ts";
import { createSluice, type ListedSession, type RolloutStatus, type Sluice } from "../../src/index.ts";
import { actingAs } from "../../src/storage/acting-database.ts";
import { openKeySession } from "../../src/use-cases/open-key-session.ts";
import { openRolloutServer, type RolloutServer } from "../server/support/rollout-server.ts";
import { ENDLESS_CANARY } from "../server/support/endless-canary.ts";

/*
 * The same suite through both doors: a database with its Temporal, and a server that has them. Everything is real:
 * Postgres, Temporal, a worker, the server.
 */

const DATASET = [
  {
    vars: { question: "Can I get a refund for the plan that I bought last week?" },
    assert: [{ type: "icontains", value: "30 days" }],
  },
];
const POLICY = {
  gate: { dataset: "golden", min_pass_rate: 0.9, on_insufficient: "canary" },
  ...ENDLESS_CANARY,
};

/** What the scripted model answers by. */
const FACTS = "Facts you may rely on:\n- Refunds: a full refund within 30 days of the purchase.\n";

let server: RolloutServer;
beforeAll(async () => {
  server = await openRolloutServer();
  await server.bench.seed();
  server.bench.startWorker();
});
afterAll(() => server.close());

const DOORS: readonly (readonly [string, () => Promise<Sluice>])[] = [
  [
    "a database",
    async () =>
      createSluice({
        databaseUrl: server.bench.databaseUrl,
        actor: "anna",
        temporal: { address: server.bench.temporal, taskQueue: server.bench.taskQueue },
      }),
  ],
  [
    "a server",
    async () => createSluice({ url: server.url, key: await server.key({ role: "admin", owner: "anna" }) }),
  ],
];

describe.each(DOORS)("a program with %s", (door, open) => {
  let sluice: Sluice;
  let prompt: string;
  const file = (wording: string) => ({
    name: prompt,
    model: "openai/gpt-5-mini",
    variables: { question: { type: "string", required: true } },
    messages: [
      { role: "system", content: `You are a support assistant. ${wording}\n${FACTS}` },
      { role: "user", content: "{{ question }}" },
    ],
  });
  beforeAll(async () => {
    sluice = await open();
    prompt = `program-${randomUUID().slice(0, 8)}`;
  });
  afterAll(() => sluice.close());

  it("pushes versions, lists them and shows one", async () => {
    const first = await sluice.push({ file: file("Be polite."), message: "first" });
    expect(first).toMatchObject({ prompt, version: 1, created: true, archived: false });
    expect(await sluice.push({ file: file("Be polite.") })).toEqual({
      ...first,
      created: false,
    });
    const second = await sluice.push({
      file: JSON.stringify(file("Be kind.")),
      base: first.sha256,
      policy: POLICY,
      dataset: DATASET,
    });
    expect(second.version).toBe(2);
    await expect(sluice.push({ file: file("Something else."), base: 1 })).rejects.toMatchObject({
      code: "conflict",
      details: { kind: "moved_on", newest: 2 },
    });
    expect(
      (await sluice.versions(prompt)).map(({ version, author, message }) => [version, author, message]),
    ).toEqual([
      [1, "anna", "first"],
      [2, "anna", ""],
    ]);
    expect(await sluice.findVersions(prompt, { limit: 1 })).toMatchObject({
      versions: [{ version: 2 }],
      all: 2,
    });
    expect(await sluice.show(`${prompt}@1`)).toMatchObject({
      version: 1,
      sha256: first.sha256,
      findings: [],
    });
    expect((await sluice.list({ text: prompt })).map((one) => one.prompt)).toEqual([prompt]);
    for (const unknown of [`${prompt}@9`, "nothing-of-that-name"])
      await expect(sluice.show(unknown)).rejects.toMatchObject({ code: "not_found" });
    await expect(sluice.show("A B")).rejects.toMatchObject({ code: "invalid_input" });
  });

  it("moves a pointer from the revision that it has seen, with evidence or by force", async () => {
    const set = { version: `${prompt}@1`, expectedRevision: 0, reason: "first" };
    await expect(sluice.setPointer(set)).rejects.toMatchObject({ code: "stale_evidence" });
    expect(await sluice.setPointer({ ...set, force: true })).toMatchObject({
      serves: `${prompt}@1`,
      revision: 1,
    });
    await expect(sluice.setPointer({ ...set, force: true })).rejects.toMatchObject({ code: "conflict" });
    expect(await sluice.pointers(prompt)).toMatchObject([{ active: `${prompt}@1`, revision: 1 }]);
    expect(await sluice.fleet({ prompt })).toMatchObject({ serves: `${prompt}@1`, live: 0 });
  });

  it("starts a rollout once, follows it, pauses, resumes and ends it", async () => {
    const start = { version: `${prompt}@2`, requestId: `run-${prompt}` };
    const started = await sluice.start(start);
    expect(started).toMatchObject({
      candidate: `${prompt}@2`,
      joined: false,
      replaced: null,
      needsApproval: false,
    });
    expect(await sluice.start(start)).toMatchObject({ rolloutId: started.rolloutId, joined: true });
    const seen: RolloutStatus[] = [];
    for await (const status of sluice.follow({ prompt })) {
      seen.push(status);
      if (status.phase !== "canary") continue;
      await expect(sluice.pause({ prompt: `${prompt}@1` })).rejects.toMatchObject({ code: "conflict" });
      expect(await sluice.pause({ prompt: `${prompt}@2` }, { reason: "lunch" })).toMatchObject({
        paused: true,
      });
      break;
    }
    // The workflow has it; the row follows.
    for await (const { paused } of sluice.follow(started)) if (paused) break;
    expect(await sluice.status(started)).toMatchObject({ rolloutId: started.rolloutId, paused: true });
    expect(await sluice.resume(started)).toMatchObject({ paused: false });
    expect(await sluice.promote({ prompt })).toMatchObject({ granted: false });
    expect(await sluice.abort({ prompt }, { reason: "enough" })).toMatchObject({
      rolloutId: started.rolloutId,
    });
    for await (const status of sluice.follow(started)) seen.push(status);
    expect(seen.at(-1)).toMatchObject({ outcome: "aborted", prompt });
    expect(await sluice.rollouts({ prompt })).toMatchObject([
      { rolloutId: started.rolloutId, outcome: "aborted" },
    ]);
    expect(await sluice.rollouts({ prompt, running: true })).toEqual([]);
    await expect(sluice.pause({ prompt })).rejects.toMatchObject({ code: "not_found" });
    await expect(sluice.pause(started)).rejects.toMatchObject({ code: "conflict" });
    await expect(sluice.status({ prompt, tenant: "acme" })).rejects.toMatchObject({ code: "not_found" });
  });

  it("ends following when it is told to, and throws nothing", async () => {
    const end = new AbortController();
    const started = await sluice.start({ version: `${prompt}@2`, again: true });
    let looks = 0;
    for await (const status of sluice.follow(started, { signal: end.signal })) {
      looks++;
      expect(status.outcome).toBeNull();
      end.abort();
    }
    expect(looks).toBe(1);
    await sluice.abort(started);
    for await (const status of sluice.follow(started)) looks += status.outcome === null ? 0 : 1;
    expect(looks).toBe(2);
  });

  it("says yes or no to what waits for that", async () => {
    await sluice.push({ file: file("Be kind and warm.") });
    const approved = {
      ...POLICY,
      approval: { before: "canary", approvers: 1, asserted: true, distinct_author: false },
    };
    const start = { version: `${prompt}@3`, policy: approved, dataset: DATASET };
    const { rolloutId } = await sluice.start(start);
    for await (const { phase } of sluice.follow({ rolloutId })) if (phase === "awaiting_approval") break;
    await expect(sluice.approve({ prompt: `${prompt}@2` })).rejects.toMatchObject({ code: "conflict" });
    expect(await sluice.approve({ prompt: `${prompt}@3` }, { comment: "reads well" })).toMatchObject({
      decision: "approved",
      approvedBy: ["anna"],
    });
    for await (const { phase } of sluice.follow({ rolloutId })) if (phase === "canary") break;
    const back = await sluice.rollBack({ prompt, reason: "worse" });
    expect(back).toMatchObject({ serves: `${prompt}@1`, ended: `${prompt}@3` });
    expect(await sluice.awaitFleet({ prompt, revision: back.revision, withinMs: 0 })).toMatchObject({
      confirmed: 0,
      live: 0,
      missing: [],
    });
    expect(await sluice.status({ rolloutId })).toMatchObject({ outcome: "aborted" });
  });

  it("reads what was done, by whom, and what came of it", async () => {
    for (const moment of ["2026-01-31T18:00:00Z", new Date("24h"), 7]) {
      const refused = { code: "invalid_input", message: expect.stringMatching(/must be a Date/) };
      await expect(sluice.pointersAt(moment as never)).rejects.toMatchObject(refused);
      await expect(sluice.usage({ prompt, since: moment as never })).rejects.toMatchObject(refused);
      await expect(sluice.feedback({ prompt, since: moment as never })).rejects.toMatchObject(refused);
    }
    const entries = await sluice.audit({ prompt, limit: 1_000 });
    const actions = entries.map(({ action }) => action);
    expect(actions.slice(0, 3)).toEqual(["version_pushed", "version_pushed", "pointer_set"]);
    expect(actions.at(-1)).toBe("rolled_back");
    const { principal, asserted } = entries.at(-1)!;
    // Over a server it is proven, over a database it is asserted.
    expect(door === "a server" ? principal?.name : asserted).toBe("anna");
    expect((await sluice.audit({ prompt, limit: 2 })).map(({ seq }) => seq)).toEqual(
      entries.slice(-2).map(({ seq }) => seq),
    );
    expect(await sluice.usage({ prompt })).toMatchObject({ prompt, label: "production", versions: [] });
    expect(await sluice.deadLetters()).toEqual([]);
    await expect(sluice.deadLetter("3f2a91c0")).rejects.toMatchObject({ code: "not_found" });
    await expect(sluice.discardDeadLetter("3f2a91c0", { reason: "r" })).rejects.toMatchObject({
      code: "not_found",
    });
  });

  it("has a version evaluated, plans and simulates, and looks back at what was kept", async () => {
    const asked = { version: `${prompt}@2`, baseline: `${prompt}@1`, dataset: DATASET, maxCostUsd: 0.5 };
    await expect(sluice.evaluate({ ...asked, maxCostUsd: 0 })).rejects.toMatchObject({
      code: "invalid_input",
    });
    await expect(sluice.evaluate({ ...asked, version: `${prompt}@99` })).rejects.toMatchObject({
      code: "not_found",
    });
    const started = await sluice.evaluate({ ...asked, repeats: 2 });
    const { evaluationId } = started;
    expect(started).toMatchObject({ candidate: `${prompt}@2`, baseline: `${prompt}@1`, cases: 1, runs: 4 });
    const states: string[] = [];
    for await (const { state } of sluice.followEvaluation(evaluationId)) states.push(state);
    expect(states.at(-1)).toBe("ended");
    const shown = await sluice.evaluation(evaluationId);
    expect(shown).toMatchObject({ verdict: expect.any(String), maxCostUsd: 0.5, report: { repeats: 2 } });
    expect(await sluice.evaluationResults(evaluationId)).toHaveLength(shown.recorded);
    expect(await sluice.evaluationReport(evaluationId)).toContain("<testsuite");
    expect(await sluice.evaluations({ prompt, limit: 1 })).toMatchObject([{ evaluationId }]);
    const why = { reason: "the wrong cases" };
    await expect(sluice.stopEvaluation(evaluationId, why)).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("has ended already"),
    });
    const { evaluationId: running } = await sluice.evaluate({ ...asked, repeats: 100 });
    expect(await sluice.stopEvaluation(running, why)).toEqual({ evaluationId: running });
    expect(await sluice.evaluation(running)).toMatchObject({
      state: "failed",
      reason: "stopped by anna: the wrong cases",
    });
    const none = randomUUID();
    await expect(sluice.stopEvaluation(none, why)).rejects.toMatchObject({ code: "not_found" });
    await expect(sluice.evaluation(none)).rejects.toMatchObject({ code: "not_found" });
    await expect(sluice.evaluationReport("nonsense")).rejects.toMatchObject({ code: "invalid_input" });

    expect(await sluice.plan({ version: `${prompt}@2`, unitsPerDay: 5_000 })).toMatchObject({
      candidate: `${prompt}@2`,
      baseline: `${prompt}@1`,
      trafficFrom: "given",
    });
    const imagined = { policy: POLICY, effect: ["rating=-1"], runs: 3, unitsPerDay: 5_000 };
    expect(await sluice.simulate({ ...imagined, prompt })).toEqual(await sluice.simulate(imagined));
    expect(await sluice.diff(`${prompt}@1`, `${prompt}@2`)).toMatchObject({
      same: false,
      from: `${prompt}@1`,
    });
    expect(JSON.parse(await sluice.bundle({ prefix: prompt }))).toMatchObject({
      body: { pointers: [{ prompt }] },
    });
    const record = await sluice.rolloutRecord({ prompt });
    expect(record).toMatchObject({
      rollout: { candidate: `${prompt}@3` },
      approvals: [{ decision: "approve" }],
    });
    const { rolloutId } = record.rollout;
    expect(await sluice.recompute({ rolloutId: rolloutId.slice(0, 18) })).toMatchObject({ identical: true });
    expect(await sluice.rolloutRecord({ prompt: `${prompt}@2` })).toMatchObject({
      rollout: { candidate: `${prompt}@2` },
    });
    expect(await sluice.verifyAudit({ prompt })).toMatchObject({ ok: true, prompts: 1 });
  }, 60_000);

  it("makes a key, which is told once, and ends it", async () => {
    const made = await sluice.createKey({ name: prompt, role: "viewer", grants: { prompts: [prompt] } });
    expect(made).toMatchObject({ owner: "anna", role: "viewer" });
    const next = await sluice.rotateKey(made.id, { overlapMs: 0 });
    expect(await sluice.revokeKey(next.key)).toEqual({ id: next.id, changed: true });
    const kept = (await sluice.keys({ all: true })).filter(({ name }) => name === prompt);
    expect(kept).toHaveLength(2);
    expect(kept).toContainEqual(
      expect.objectContaining({ id: made.id, state: "expired", replacedBy: next.id }),
    );
    expect(kept).toContainEqual(expect.objectContaining({ id: next.id, state: "revoked", replacedBy: null }));
    await expect(sluice.revokeKey("nonsense")).rejects.toMatchObject({ code: "not_found" });
    expect(await sluice.archive("program-put-away", { reason: "r" }).catch(({ code }) => code)).toBe(
      "not_found",
    );
    await expect(sluice.archive(prompt, { reason: "r" })).rejects.toMatchObject({ code: "conflict" });
  });

  it("sees who is signed in, and ends one session, or all of one person", async () => {
    const owner = `vera-${randomUUID().slice(0, 8)}`;
    const shown = readKey(await server.key({ role: "viewer", owner }))!;
    const signIn = async () =>
      (await openKeySession(actingAs(server.bench.db, shown), undefined)).slice(4, 16);
    const ids = [await signIn(), await signIn(), await signIn()];
    const open = async () => (await sluice.sessions()).filter(({ keyId }) => keyId === shown.id);
    const listed = await open();
    expect(listed.map(({ id }) => id).sort()).toEqual(ids.toSorted());
    const [{ kind, name, role }] = listed as [ListedSession];
    expect({ kind, name, role }).toEqual({ kind: "key", name: owner, role: "viewer" });
    expect(await sluice.endSessions({ id: ids[0]! })).toEqual([{ id: ids[0], kind, name }]);
    await expect(sluice.endSessions({ id: ids[0]! })).rejects.toMatchObject({ code: "not_found" });
    const rest = await sluice.endSessions({ name: owner });
    expect(rest.map(({ id }) => id).sort()).toEqual(ids.slice(1).sort());
    expect(await open()).toEqual([]);
  });

  it("protects a label, and opens it", async () => {
    const label = `l-${randomUUID().slice(0, 8)}`;
    const protect = (isProtected: boolean) => sluice.setLabel(label, { protected: isProtected, reason: "r" });
    expect(await protect(true)).toEqual({
      label,
      protected: true,
      onDirectMove: "rollout",
      from: null,
      liveForMs: 0,
      changed: true,
    });
    expect(await protect(true)).toMatchObject({ changed: false });
    expect(await sluice.labels()).toContainEqual(expect.objectContaining({ label, protected: true }));
    expect(await protect(false)).toMatchObject({ protected: false, changed: true });
  });
});
