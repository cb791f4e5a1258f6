import { sql } from "kysely";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { setTimeout as delay } from "node:timers/promises";
import { findPointer } from "../../src/storage/read/pointer.ts";
import { requireVersion } from "../../src/storage/read/version.ts";
import { readAudit } from "../../src/storage/read/audit.ts";
import { verifyAudit } from "../../src/storage/read/verify-audit.ts";
import { rollBack } from "../../src/use-cases/roll-back.ts";
import { clearAbandoned, sweepAbandoned } from "../../src/use-cases/clear-abandoned.ts";
import { newestAssessment } from "../../src/storage/read/rollout-evidence.ts";
import { findOpenRollout, findRollout } from "../../src/storage/read/rollout-row.ts";
import { createRolloutBench, type RolloutBench } from "../support/rollout-bench.ts";
import type { Opinion } from "../support/simulate-traffic.ts";

const POLICY = `
metrics: { rating: { window: 100ms }, error: { kind: rare, window: 100ms } }
canary:
  stages: [{ share: 5%, for: 300ms }, { share: 25%, for: 300ms }, { share: 50% }]
  interval: 100ms
  min_units: 40
  max_units: 600
  max_duration: 60s
  lease: 4s
  goal: { metric: rating, direction: higher, claim: superior }
  guardrails: [{ metric: error, direction: lower, tolerated_increase: 10pp }]
  fuses: [{ metric: error, above: 0.5 }]
`;
const BETTER: Opinion = (arm, draw) => ({
  rating: (arm === "candidate" ? 4.4 : 3.4) + draw() - 0.5,
  error: 0,
});
const WORSE: Opinion = (arm, draw) => ({
  rating: (arm === "candidate" ? 2.4 : 3.4) + draw() - 0.5,
  error: 0,
});
// A rate that is 1 in both arms: there is nothing to prove, and no luck can decide about it.
const SAME: Opinion = () => ({ rating: 1, error: 0 });
const BROKEN: Opinion = (arm, draw) => ({ rating: 3.4 + draw() - 0.5, error: arm === "candidate" ? 1 : 0 });

describe("a rollout", () => {
  let bench: RolloutBench;
  let stop: AbortController;
  let traffic: Promise<void> | undefined;
  beforeEach(async () => {
    bench = await createRolloutBench();
    stop = new AbortController();
    await bench.seed();
  });
  afterEach(async ({ task }) => {
    stop.abort();
    await traffic;
    traffic = undefined;
    await bench.close(task.name);
  });
  const users = (opinion: Opinion) => {
    traffic = bench.traffic(opinion, stop.signal);
  };
  const ended = (rolloutId: string) => bench.until(rolloutId, (s) => s.outcome !== null, "the end");
  const storeNow = async () =>
    (await sql<{ at: Date }>`select clock_timestamp() as at`.execute(bench.db)).rows[0]!.at;
  const versionId = async (number: number) =>
    (await requireVersion(bench.db, { prompt: bench.prompt, number })).id;

  it("promotes a version that users like better, stage by stage, each move in the audit once", async () => {
    bench.startWorker();
    users(BETTER);
    const started = await bench.start(2, POLICY);
    const status = await ended(started.rolloutId);
    expect(status).toMatchObject({ outcome: "promoted", phase: "done", stage: 3 });
    const pointer = await findPointer(bench.db, bench.scope);
    expect(pointer).toMatchObject({
      active_version: await versionId(2),
      previous_version: await versionId(1),
      candidate_version: null,
      rollout_id: null,
      share: 0,
    });
    const actions = (await readAudit(bench.db, { rolloutId: started.rolloutId })).map((line) => line.action);
    expect(actions).toEqual(["rollout_started", "stage_opened", "stage_opened", "stage_opened", "promoted"]);
    expect(await verifyAudit(bench.db)).toMatchObject({ ok: true, broken: [] });
    const handle = bench.client.workflow.getHandle(started.workflowId, started.runId);
    expect(await handle.result()).toMatchObject({ outcome: "promoted", rolloutId: started.rolloutId });
    const history = await handle.fetchHistory();
    expect(history.events!.length).toBeLessThan(300);
  });

  it("rolls back a version that users like less, and leaves the baseline live", async () => {
    bench.startWorker();
    users(WORSE);
    const started = await bench.start(2, POLICY);
    const status = await ended(started.rolloutId);
    expect(status.outcome).toBe("rolled_back");
    expect(status.reason).toMatch(/rating/);
    expect(await findPointer(bench.db, bench.scope)).toMatchObject({
      active_version: await versionId(1),
      candidate_version: null,
      mode: null,
    });
  });

  it("blows the fuse on a catastrophe", async () => {
    bench.startWorker();
    users(BROKEN);
    const started = await bench.start(2, POLICY);
    const status = await ended(started.rolloutId);
    expect(status).toMatchObject({ outcome: "rolled_back", verdict: expect.stringMatching(/fuse|harm/) });
  });

  it("ends inconclusive, never promoted, when its time is up without evidence", async () => {
    bench.startWorker();
    users(SAME);
    const started = await bench.start(2, POLICY.replace("max_duration: 60s", "max_duration: 3s"));
    expect(await ended(started.rolloutId)).toMatchObject({ outcome: "inconclusive" });
    expect(await findPointer(bench.db, bench.scope)).toMatchObject({ active_version: await versionId(1) });
  });

  it("is aborted by a person, with the traffic off before the answer to status", async () => {
    bench.startWorker();
    users(SAME);
    const started = await bench.start(2, POLICY);
    await bench.until(started.rolloutId, (s) => s.phase === "canary", "the canary");
    await bench.keepHistory("open, in the middle of its canary");
    await bench.control("abort", { by: "ann", reason: "changed my mind" });
    const status = await ended(started.rolloutId);
    expect(status).toMatchObject({ outcome: "aborted", reason: expect.stringContaining("changed my mind") });
    expect(await findPointer(bench.db, bench.scope)).toMatchObject({
      candidate_version: null,
      rollout_id: null,
    });
  });

  it("does not advance while paused, still sees harm, and goes on when resumed", async () => {
    bench.startWorker();
    users(SAME);
    const started = await bench.start(2, POLICY.replace("for: 300ms", "for: 1500ms"));
    await bench.until(started.rolloutId, (s) => s.stage === 1, "stage 1");
    await bench.control("pause", { by: "ann" });
    const paused = await bench.until(started.rolloutId, (s) => s.paused, "the pause");
    // By the store's clock the stage's time is over, and it has been looked at since.
    const isOver = sql<boolean>`max(at) > ${await storeNow()}::timestamptz + interval '1500 ms'`;
    const looks = bench.db
      .selectFrom("assessments")
      .select(isOver.as("over"))
      .where("rollout_id", "=", started.rolloutId);
    await expect.poll(async () => (await looks.executeTakeFirst())?.over, { timeout: 20_000 }).toBe(true);
    const later = await bench.until(started.rolloutId, () => true, "now");
    expect(later).toMatchObject({ stage: paused.stage, paused: true, outcome: null });
    await bench.keepHistory("open, paused in the middle of its canary");
    await bench.control("resume", { by: "ann" });
    await bench.until(started.rolloutId, (s) => s.stage > paused.stage, "the next stage");
    await bench.control("abort", { by: "ann" });
    await ended(started.rolloutId);
  });

  it("ends where a person's rollback left it, with Temporal told nothing", async () => {
    bench.startWorker();
    users(SAME);
    const started = await bench.start(2, POLICY);
    await bench.until(started.rolloutId, (s) => s.phase === "canary", "the canary");
    const back = await rollBack(bench.db, { scope: bench.scope, reason: "complaints", by: "bob" });
    expect(back.serves).toBe(`${bench.prompt}@1`);
    const handle = bench.client.workflow.getHandle(started.workflowId, started.runId);
    expect(await handle.result()).toMatchObject({ outcome: "aborted" });
    const after = await findPointer(bench.db, bench.scope);
    expect(after).toMatchObject({
      active_version: await versionId(1),
      candidate_version: null,
      revision: back.revision,
    });
  });

  it("goes on after its worker was gone, in a new epoch when the lease had run out", async () => {
    bench.startWorker();
    users(SAME);
    const started = await bench.start(2, POLICY.replace("lease: 4s", "lease: 2s"));
    await bench.until(started.rolloutId, (s) => s.phase === "canary", "the canary");
    await bench.stopWorker();
    const before = await findPointer(bench.db, bench.scope);
    const leaseMs = async () =>
      (await findPointer(bench.db, bench.scope))!.lease_until!.getTime() - (await storeNow()).getTime();
    await expect.poll(leaseMs, { timeout: 20_000 }).toBeLessThan(0);
    bench.startWorker();
    await bench.until(started.rolloutId, (s) => s.stage >= 1 && s.outcome === null, "going on");
    for (let i = 0; i < 200 && (await findPointer(bench.db, bench.scope))!.epoch === before!.epoch; i++)
      await delay(50);
    expect((await findPointer(bench.db, bench.scope))!.epoch).toBeGreaterThan(before!.epoch);
    await bench.control("abort", { by: "ann" });
    await ended(started.rolloutId);
  });

  it("ends aborted when the workflow is cancelled in Temporal", async () => {
    bench.startWorker();
    const started = await bench.start(2, POLICY);
    await bench.until(started.rolloutId, (s) => s.phase === "canary", "the canary");
    await bench.client.workflow.getHandle(started.workflowId).cancel();
    expect(await ended(started.rolloutId)).toMatchObject({ outcome: "aborted" });
    expect(await findPointer(bench.db, bench.scope)).toMatchObject({ candidate_version: null });
  });

  it("is cleared when its workflow was terminated, and not before", async () => {
    bench.startWorker();
    const started = await bench.start(2, POLICY);
    await bench.until(started.rolloutId, (s) => s.phase === "canary", "the canary");
    const row = (await findRollout(bench.db, started.rolloutId))!;
    expect(await clearAbandoned(bench.db, row, bench.starter, "sweep")).toBeUndefined();
    await bench.client.workflow.getHandle(started.workflowId).terminate("test");
    const next = await bench.start(2, POLICY);
    expect(next.rolloutId).not.toBe(started.rolloutId);
    expect((await findRollout(bench.db, started.rolloutId))!.outcome).toBe("failed");
    await bench.control("abort", { by: "ann" });
    await ended(next.rolloutId);
  });

  it("is one rollout, however often the same start is asked, and refuses another candidate", async () => {
    await bench.push(3);
    bench.startWorker();
    const first = await bench.start(2, POLICY, "ci-1");
    const again = await bench.start(2, POLICY, "ci-1");
    expect(again).toMatchObject({ rolloutId: first.rolloutId, joined: true });
    const other = await bench.start(2, POLICY, "ci-2");
    expect(other).toMatchObject({ rolloutId: first.rolloutId, joined: true });
    await expect(bench.start(3, POLICY, "ci-3")).rejects.toMatchObject({ code: "conflict" });
    await bench.until(first.rolloutId, (s) => s.phase === "canary", "the canary");
    await bench.control("abort", { by: "ann" });
    await ended(first.rolloutId);
    expect(await bench.start(2, POLICY, "ci-1")).toMatchObject({ rolloutId: first.rolloutId, joined: true });
  });

  it("fails with a dead letter, and the traffic on the baseline, when its promotion is refused", async () => {
    bench.startWorker();
    users(BETTER);
    const started = await bench.start(
      2,
      `approval: { before: promote, timeout: 1h, asserted: true }\n${POLICY}`,
    );
    await bench.until(started.rolloutId, (s) => s.phase === "awaiting_approval", "the wait");
    // The evidence was measured against another baseline than the one that is live.
    await bench.db
      .updateTable("assessments")
      .set({ baseline_version: await versionId(2) })
      .execute();
    await decide(started.rolloutId, "promote", "approve");
    await bench.control("approve", { by: "eve" });
    expect(await ended(started.rolloutId)).toMatchObject({
      outcome: "failed",
      reason: expect.stringContaining("another baseline"),
    });
    await bench.client.workflow.getHandle(started.workflowId, started.runId).result();
    expect(await bench.db.selectFrom("dead_letters").selectAll().execute()).toMatchObject([
      {
        operation: "promote",
        error: { code: "stale_evidence", attempts: 1 },
        rollout_id: started.rolloutId,
        payload: { state: { rollout: { outcome: "failed" }, pointer: { rolloutId: null } } },
      },
    ]);
    expect(await findPointer(bench.db, bench.scope)).toMatchObject({
      active_version: await versionId(1),
      rollout_id: null,
    });
  });

  it("leaves nothing behind when it is aborted while it begins", async () => {
    bench.startWorker();
    for (let attempt = 0; attempt < 5; attempt++) {
      const started = await bench.start(2, POLICY, `attempt-${attempt}`);
      await bench.control("abort", { by: "ann" });
      const handle = bench.client.workflow.getHandle(started.workflowId, started.runId);
      expect(await handle.result()).toMatchObject({ outcome: "aborted" });
      expect((await findPointer(bench.db, bench.scope))!.rollout_id).toBeNull();
      expect(await findOpenRollout(bench.db, bench.scope)).toBeUndefined();
    }
  });

  it("can be started again the moment the last one has ended", async () => {
    bench.startWorker();
    let last: string | undefined;
    for (let attempt = 0; attempt < 4; attempt++) {
      const started = await bench.start(2, POLICY);
      expect(started).toMatchObject({ joined: false });
      expect(started.rolloutId).not.toBe(last);
      last = started.rolloutId;
      await bench.control("abort", { by: "ann" });
      await ended(started.rolloutId);
    }
  });

  it("is found by the worker's sweep when its workflow is gone", async () => {
    bench.startWorker();
    const started = await bench.start(2, POLICY);
    await bench.until(started.rolloutId, (s) => s.phase === "canary", "the canary");
    expect(await sweepAbandoned(bench.db, bench.starter, { olderThanMs: 0 })).toEqual([]);
    await bench.client.workflow.getHandle(started.workflowId).terminate("test");
    expect(await sweepAbandoned(bench.db, bench.starter, { olderThanMs: 0 })).toEqual([started.rolloutId]);
    expect(await findPointer(bench.db, bench.scope)).toMatchObject({
      active_version: await versionId(1),
      candidate_version: null,
    });
  });

  it("keeps its history short: 200 ticks are fewer than 300 events", async () => {
    bench.startWorker();
    const policy = POLICY.replace("interval: 100ms", "interval: 10ms").replace(
      "max_units: 600",
      "max_units: 1000000",
    );
    const started = await bench.start(2, policy);
    let ticks = 0;
    while (ticks < 200) {
      await delay(100);
      ticks = (await newestAssessment(bench.db, started.rolloutId))?.tick ?? 0;
    }
    await bench.control("abort", { by: "ann" });
    await ended(started.rolloutId);
    const history = await bench.client.workflow.getHandle(started.workflowId, started.runId).fetchHistory();
    expect(history.events!.length).toBeLessThan(100);
  });

  const GATE = "gate: { dataset: golden.yaml, min_pass_rate: 0.9, on_insufficient: canary }\n";

  it("passes its gate before anybody sees it", async () => {
    bench.startWorker();
    const started = await bench.start(2, GATE + POLICY);
    await bench.until(started.rolloutId, (s) => s.phase === "canary", "the canary after the gate");
    const recorded = await bench.db.selectFrom("evaluation_results").select("arm").execute();
    expect(recorded.map(({ arm }) => arm).toSorted()).toEqual([
      "baseline",
      "baseline",
      "candidate",
      "candidate",
    ]);
    await bench.control("abort", { by: "ann" });
    await ended(started.rolloutId);
  });

  it("is rejected at the gate without a canary when it breaks the format", async () => {
    await bench.push(9);
    bench.startWorker();
    const started = await bench.start(3, GATE + POLICY);
    expect(await ended(started.rolloutId)).toMatchObject({
      outcome: "rejected",
      stage: 0,
      reason: expect.stringMatching(/^gate: /),
    });
    expect(await findPointer(bench.db, bench.scope)).toMatchObject({
      rollout_id: null,
      candidate_version: null,
    });
  });

  it("fails with a dead letter, and the traffic on the baseline, when the gate's model stays away", async () => {
    bench.startWorker();
    await bench.modelsAway();
    const started = await bench.start(2, GATE + POLICY);
    expect(await ended(started.rolloutId)).toMatchObject({ outcome: "failed" });
    await bench.client.workflow.getHandle(started.workflowId, started.runId).result();
    const letters = await bench.db.selectFrom("dead_letters").selectAll().execute();
    expect(letters).toMatchObject([
      { status: "open", operation: "rollout:evaluating", rollout_id: started.rolloutId },
    ]);
    expect(await findPointer(bench.db, bench.scope)).toMatchObject({
      active_version: await versionId(1),
      rollout_id: null,
    });
  });

  it("waits for an approval before the canary, and is rejected by one person's no", async () => {
    bench.startWorker();
    const started = await bench.start(
      2,
      `approval: { before: canary, timeout: 1h, asserted: true }\n${POLICY}`,
    );
    await bench.until(started.rolloutId, (s) => s.phase === "awaiting_approval", "the wait");
    await decide(started.rolloutId, "canary", "reject");
    await bench.control("reject", { by: "eve" });
    expect(await ended(started.rolloutId)).toMatchObject({
      outcome: "rejected",
      reason: expect.stringContaining("eve"),
    });
  });

  it("waits for an approval before promotion with the canary on, then watches with a holdback and ends promoted", async () => {
    bench.startWorker();
    users(BETTER);
    const policy = `approval: { before: promote, timeout: 1h, asserted: true }\nwatch: { for: 1500ms, holdback: 10% }\n${POLICY}`;
    const started = await bench.start(2, policy);
    await bench.until(started.rolloutId, (s) => s.phase === "awaiting_approval", "the wait");
    expect(await findPointer(bench.db, bench.scope)).toMatchObject({ mode: "canary", share: 5000 });
    await decide(started.rolloutId, "promote", "approve");
    await bench.control("approve", { by: "eve" });
    await bench.until(started.rolloutId, (s) => s.phase === "watching", "the watch");
    expect(await findPointer(bench.db, bench.scope)).toMatchObject({
      mode: "holdback",
      active_version: await versionId(2),
      previous_version: await versionId(1),
      share: 1000,
    });
    expect(await ended(started.rolloutId)).toMatchObject({ outcome: "promoted" });
    expect(await findPointer(bench.db, bench.scope)).toMatchObject({
      mode: null,
      active_version: await versionId(2),
      previous_version: await versionId(1),
    });
  });

  it("can still roll back while it watches after promotion", async () => {
    bench.startWorker();
    users(BETTER);
    const started = await bench.start(2, `watch: { for: 1h, holdback: 10% }\n${POLICY}`);
    await bench.until(started.rolloutId, (s) => s.phase === "watching", "the watch");
    stop.abort();
    await traffic;
    stop = new AbortController();
    users(WORSE);
    expect(await ended(started.rolloutId)).toMatchObject({
      outcome: "rolled_back",
      reason: expect.stringContaining("after promotion"),
    });
    expect(await findPointer(bench.db, bench.scope)).toMatchObject({
      active_version: await versionId(1),
      previous_version: null,
      mode: null,
    });
  });

  it.each([
    ["falls silent", "candidate"],
    ["can no longer be compared, as the control falls silent", "control"],
  ] as const)("takes back a promoted version that %s while it is watched", async (_, silent) => {
    bench.startWorker();
    users(BETTER);
    const started = await bench.start(2, `watch: { for: 1h, holdback: 10% }\n${POLICY}`);
    await bench.until(started.rolloutId, (s) => s.phase === "watching", "the watch");
    stop.abort();
    await traffic;
    stop = new AbortController();
    users((arm, draw) => (arm === silent ? undefined : BETTER(arm, draw)));
    expect(await ended(started.rolloutId)).toMatchObject({
      outcome: "rolled_back",
      reason: expect.stringContaining("after promotion"),
    });
    expect(await findPointer(bench.db, bench.scope)).toMatchObject({
      active_version: await versionId(1),
      previous_version: null,
      mode: null,
    });
  });

  it("promotes a first version on its gate alone, and refuses one without a gate", async () => {
    bench.startWorker();
    await bench.db.deleteFrom("pointers").execute();
    await expect(bench.start(2, POLICY)).rejects.toMatchObject({ code: "invalid_input" });
    const started = await bench.start(2, GATE + POLICY);
    expect(await ended(started.rolloutId)).toMatchObject({
      outcome: "promoted",
      reason: "first_version",
      stage: 0,
    });
    expect(await findPointer(bench.db, bench.scope)).toMatchObject({ active_version: await versionId(2) });
  });

  it("skips to promotion when an operator asks, past the stages but not past the evidence for harm", async () => {
    bench.startWorker();
    const started = await bench.start(2, POLICY.replaceAll("for: 300ms", "for: 1h").replace("60s", "14d"));
    await bench.until(started.rolloutId, (s) => s.phase === "canary", "the canary");
    const promote = () => bench.control("promote", { by: "ann" });
    expect(await promote()).toMatchObject({
      granted: false,
      missing: expect.stringContaining("has been seen for 0 candidate and 0 control units"),
    });
    users(SAME);
    await bench.until(started.rolloutId, (s) => Math.min(s.units.candidate, s.units.control) > 60, "units");
    const tick = async () => (await newestAssessment(bench.db, started.rolloutId))?.tick ?? 0;
    const seen = await tick();
    await expect.poll(tick, { timeout: 20_000 }).toBeGreaterThan(seen + 1);
    // What was refused is not kept: nothing is promoted until somebody asks again.
    expect(await findRollout(bench.db, started.rolloutId)).toMatchObject({ phase: "canary", outcome: null });
    expect(await promote()).toMatchObject({ granted: true, missing: null });
    expect(await ended(started.rolloutId)).toMatchObject({
      outcome: "promoted",
      reason: expect.stringContaining("passes over: stage 1 of 3"),
    });
  });

  it("holds when it is inconclusive and the policy says so, until nobody has decided in time", async () => {
    bench.startWorker();
    users(SAME);
    const policy = POLICY.replace(
      "max_duration: 60s",
      "max_duration: 2s\n  on_inconclusive: hold\n  hold_timeout: 1s",
    );
    const started = await bench.start(2, policy);
    await bench.until(
      started.rolloutId,
      (s) => s.phase === "awaiting_approval" || s.outcome !== null,
      "the hold",
    );
    expect(await ended(started.rolloutId)).toMatchObject({
      outcome: "inconclusive",
      reason: expect.stringContaining("nobody decided in time"),
    });
  });

  const decide = (rollout_id: string, point: "canary" | "promote", decision: "approve" | "reject") =>
    bench.db.insertInto("approvals").values({ rollout_id, point, decision, asserted_actor: "eve" }).execute();
});
