import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { sql } from "kysely";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { LoggedRequest } from "../../src/local/model-server/request-log.ts";
import { startModelServer } from "../../src/local/model-server/server.ts";
import { budgetOf, countResults } from "../../src/storage/read/evaluation.ts";
import { rollBack } from "../../src/use-cases/roll-back.ts";
import type { StartedRollout } from "../../src/domain/shapes/rollouts.ts";
import { standingQuery } from "../../workflows/messages.ts";
import {
  callKey,
  type EvaluationScene,
  pushRepeater,
  seedRepeater,
  startGated,
} from "../support/evaluation-scene.ts";
import { createRolloutBench, type RolloutBench } from "../support/rollout-bench.ts";
import { startWorkerProcess } from "../support/worker-process.ts";

describe("the evaluation of a rollout's gate", () => {
  let bench: RolloutBench;
  let scene: EvaluationScene;
  let workers: ChildProcess[];
  beforeEach(async () => {
    bench = await createRolloutBench();
    workers = [];
    const { db, starter, prompt } = bench;
    scene = { db, starter, prompt, folder: await mkdtemp(join(tmpdir(), "sluice-evaluation-")) };
    await seedRepeater(scene);
  });
  afterEach(async () => {
    for (const worker of workers) worker.kill("SIGKILL");
    await bench.close();
    await rm(scene.folder, { recursive: true, force: true });
  });

  const evaluationOf = ({ rolloutId }: StartedRollout) =>
    bench.db
      .selectFrom("evaluations")
      .selectAll()
      .where("rollout_id", "=", rolloutId)
      .executeTakeFirstOrThrow();
  const ended = (started: StartedRollout) =>
    bench.until(started.rolloutId, (status) => status.outcome !== null, "the end");
  async function recordedAtLeast(started: StartedRollout, count: number): Promise<string> {
    for (let attempt = 0; attempt < 600; attempt++) {
      const row = await bench.db
        .selectFrom("evaluations")
        .select("id")
        .where("rollout_id", "=", started.rolloutId)
        .executeTakeFirst();
      if (row && (await countResults(bench.db, row.id)).recorded >= count) return row.id;
      await delay(25);
    }
    throw new Error(`fewer than ${count} results after 15 s`);
  }
  async function asked(): Promise<LoggedRequest[]> {
    const response = await fetch(`${bench.modelUrl}/__log`);
    return ((await response.json()) as { requests: LoggedRequest[] }).requests;
  }
  async function startWorker(modelUrl: string): Promise<ChildProcess> {
    const worker = await startWorkerProcess({ ...bench, modelUrl });
    workers.push(worker);
    return worker;
  }

  it("is a workflow of its own, in few events, that tells how far it is", async () => {
    await pushRepeater(scene, 2);
    bench.startWorker();
    const started = await startGated(scene, 2, { cases: 120 });
    await bench.until(started.rolloutId, (status) => status.phase === "canary", "the canary");
    const handle = bench.client.workflow.getHandle(`evaluation:${started.rolloutId}`);
    const standing = await handle.query(standingQuery);
    expect(standing).toMatchObject({ recorded: 240, total: 240, errors: 0, reused: 0, waitingFor: null });
    const { events } = await handle.fetchHistory();
    expect(events!.length).toBeLessThan(60);
    expect(await asked()).toHaveLength(240);
    expect(await evaluationOf(started)).toMatchObject({
      verdict: "pass",
      report: { cases: 120, notRun: 0 },
    });
  });

  it("fails a version by the answers that users would get of its fallback", async () => {
    await pushRepeater(scene, 2, undefined, ["openai/gpt-4.1+wrong-rate=1"]);
    bench.startWorker();
    const started = await startGated(scene, 2, { cases: 20 });
    const { outcome } = await ended(started);
    expect(outcome).toBe("rejected");
    const { reason, report } = await evaluationOf(started);
    expect(reason).toMatch(/^its fallback openai\/gpt-4\.1\S+: 0 % of 5 cases passed, 90 % are required$/);
    expect(report).toMatchObject({ passed: 20, fallbacks: [{ arm: "fallback-1", cases: 5, failed: 5 }] });
    const kept = bench.db
      .selectFrom("evaluation_results")
      .select("case_index")
      .where("arm", "=", "fallback-1");
    expect(await kept.execute()).toHaveLength(5);
    expect(await asked()).toHaveLength(45);
  });

  it("repeats no call that was recorded when its worker is killed", { tags: "long" }, async () => {
    const models = await startModelServer({ latencyMs: 100 });
    try {
      await pushRepeater(scene, 2);
      const first = await startWorker(models.url);
      const started = await startGated(scene, 2, { cases: 150, gate: "max_cost_usd: 1" });
      const id = await recordedAtLeast(started, 60);
      first.kill("SIGKILL");
      await once(first, "exit");
      const before = models.requests().length;
      const recorded = await bench.db
        .selectFrom("evaluation_results")
        .select(["arm", "case_index"])
        .where("evaluation_id", "=", id)
        .execute();
      await startWorker(models.url);
      await bench.until(started.rolloutId, (status) => status.phase === "canary", "the canary");
      expect(await countResults(bench.db, id)).toMatchObject({ recorded: 300, errors: 0 });
      const later = models.requests().slice(before).map(callKey);
      const known = new Set(
        recorded.map(({ arm, case_index }) => `${arm === "candidate" ? 2 : 1}/${case_index}`),
      );
      expect(known.size).toBeGreaterThanOrEqual(60);
      expect(later.filter((call) => known.has(call))).toEqual([]);
      // What was under way when it was killed has no result, so all that was set aside for it counts.
      const budget = await budgetOf(bench.db, id);
      expect(budget!.reservedUsd).toBe(0);
      const { report } = await evaluationOf(started);
      expect(budget!.spentUsd).toBeGreaterThan((report as { costUsd: number }).costUsd);
    } finally {
      await models.stop();
    }
  });

  it("takes the baseline's results over from an earlier one", async () => {
    await pushRepeater(scene, 2);
    await pushRepeater(scene, 3);
    bench.startWorker();
    // Three runs of a case are enough to go by.
    const failing = { cases: 8, repeats: 3, gate: "min_pass_rate: 0.9", expected: () => "nothing like it" };
    await ended(await startGated(scene, 2, failing));
    const before = (await asked()).length;
    const second = await startGated(scene, 3, failing);
    await ended(second);
    expect((await asked()).slice(before).map(({ system }) => system)).toEqual(
      Array.from({ length: 24 }, () => expect.stringContaining("You are number 3.")),
    );
    const { report, verdict } = await evaluationOf(second);
    expect(verdict).toBe("fail");
    expect(report).toMatchObject({ reused: 24, cases: 8, baselinePassRate: 0 });
    // Not where something that the results depend on has changed.
    await pushRepeater(scene, 4);
    const third = await startGated(scene, 4, { ...failing, expected: () => "nothing at all like it" });
    await ended(third);
    expect((await evaluationOf(third)).report).toMatchObject({ reused: 0 });
  });

  it("fails and leaves a dead letter where no endpoint answers, also when results of before are taken over", async () => {
    const models = await startModelServer({});
    await pushRepeater(scene, 2);
    await pushRepeater(scene, 3);
    await startWorker(models.url);
    const failing = { cases: 8, repeats: 3, gate: "min_pass_rate: 0.9", expected: () => "nothing like it" };
    expect(await ended(await startGated(scene, 2, failing))).toMatchObject({ outcome: "rejected" });
    await models.stop();
    const second = await startGated(scene, 3, failing);
    // Its version was not found wanting: nobody has seen an answer of it.
    expect(await ended(second)).toMatchObject({ outcome: "failed" });
    const { id } = await evaluationOf(second);
    expect(await countResults(bench.db, id)).toMatchObject({ recorded: 24, answered: 0 });
    const letters = () =>
      bench.db
        .selectFrom("dead_letters")
        .select("operation")
        .where("rollout_id", "=", second.rolloutId)
        .execute();
    await expect.poll(letters, { timeout: 15_000 }).toEqual([{ operation: expect.any(String) }]);
  });

  it("never spends more than its budget, and says what is missing", async () => {
    await pushRepeater(scene, 2);
    bench.startWorker();
    const started = await startGated(scene, 2, { cases: 100, gate: "max_cost_usd: 0.002" });
    expect(await ended(started)).toMatchObject({
      outcome: "rejected",
      reason: expect.stringContaining("the budget is used up"),
    });
    const { id } = await evaluationOf(started);
    const budget = await budgetOf(bench.db, id);
    const paid = (await asked()).reduce(
      (total, { usage }) => total + (usage.inputTokens * 0.4 + usage.outputTokens * 1.6) / 1e6,
      0,
    );
    expect(budget!.spentUsd).toBeCloseTo(paid, 8);
    expect(paid).toBeLessThan(0.002);
    expect(paid).toBeGreaterThan(0.001);
  });

  it("asks nothing where a price is not known and there is a budget", async () => {
    await pushRepeater(scene, 2, "openai/some-model");
    bench.startWorker();
    const started = await startGated(scene, 2, { cases: 3, gate: "max_cost_usd: 1" });
    expect(await ended(started)).toMatchObject({
      outcome: "rejected",
      reason: expect.stringContaining("the price of openai/some-model is not known"),
    });
    expect(await asked()).toEqual([]);
  });

  it("makes no call while another worker has found the endpoint away, and goes on when it is back", async () => {
    await pushRepeater(scene, 2);
    const endpoint = `openai ${bench.modelUrl}/v1`;
    await sql`insert into sluice.provider_breakers (endpoint, state, failures, until)
      values (${endpoint}, 'open', 10, clock_timestamp() + interval '20 seconds')`.execute(bench.db);
    await startWorker(bench.modelUrl);
    const started = await startGated(scene, 2, { cases: 5 });
    const handle = bench.client.workflow.getHandle(`evaluation:${started.rolloutId}`);
    const waitingFor = async () => (await handle.query(standingQuery).catch(() => undefined))?.waitingFor;
    await expect.poll(waitingFor, { timeout: 15_000 }).toContain("calls are held back");
    expect(await asked()).toEqual([]);
    await sql`update sluice.provider_breakers set until = clock_timestamp()`.execute(bench.db);
    await bench.until(started.rolloutId, (status) => status.phase === "canary", "the canary");
    expect(await asked()).toHaveLength(10);
    const breaker = await bench.db
      .selectFrom("provider_breakers")
      .select(["state", "failures"])
      .executeTakeFirst();
    expect(breaker).toEqual({ state: "closed", failures: 0 });
  });

  it("stops when the rollout is aborted", async () => {
    await pushRepeater(scene, 2, "openai/gpt-4.1-mini+latency=1000");
    bench.startWorker();
    const started = await startGated(scene, 2, { cases: 200 });
    await recordedAtLeast(started, 1);
    await bench.control("abort", { by: "ann" });
    expect(await ended(started)).toMatchObject({ outcome: "aborted" });
    const handle = bench.client.workflow.getHandle(`evaluation:${started.rolloutId}`);
    await expect(handle.result()).rejects.toThrow(/cancel/i);
    const calls = (await asked()).length;
    // Those under way are let go within a heartbeat; no more are made.
    await delay(2500);
    const after = (await asked()).length;
    await delay(1500);
    expect((await asked()).length).toBe(after);
    expect(after).toBeLessThan(calls + 100);
  });

  it("stops when a rollback has ended the rollout, with Temporal told nothing", async () => {
    await pushRepeater(scene, 2, "openai/gpt-4.1-mini+latency=100");
    bench.startWorker();
    const started = await startGated(scene, 2, { cases: 2_000 });
    const id = await recordedAtLeast(started, 1);
    await rollBack(bench.db, { scope: bench.scope, reason: "not today", by: "bob" });
    const rollout = bench.client.workflow.getHandle(started.workflowId);
    expect(await rollout.result()).toMatchObject({ outcome: "aborted" });
    expect((await countResults(bench.db, id)).recorded).toBeLessThan(2_000);
    expect(await bench.db.selectFrom("dead_letters").select("operation").execute()).toEqual([]);
  });

  it("makes no more batches once the candidate has failed for certain", async () => {
    await pushRepeater(scene, 2);
    bench.startWorker();
    const started = await startGated(scene, 2, {
      cases: 400,
      gate: "min_pass_rate: 0.95",
      expected: () => "nothing like it",
    });
    expect(await ended(started)).toMatchObject({ outcome: "rejected" });
    const { report } = await evaluationOf(started);
    expect((report as { notRun: number }).notRun).toBeGreaterThan(300);
    expect((report as { reason: string }).reason).toContain("could not change that");
  });
});
