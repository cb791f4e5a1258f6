import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client, Connection } from "@temporalio/client";
import { NativeConnection, Worker } from "@temporalio/worker";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createActivities } from "../../activities/index.ts";
import { readLocalMachine } from "../../src/config.ts";
import { digestText } from "../../src/digest.ts";
import { rolloutWorkflowId } from "../../src/domain/scope.ts";
import { startTemporal } from "../../src/local/temporal/temporal.ts";
import { lastingTaskQueue } from "../../src/protocol/task-queue.ts";
import { installationId, installationOrigin } from "../../src/storage/read/installation.ts";
import { findOpenRollout, findRollout } from "../../src/storage/read/rollout-row.ts";
import { controlRollout, rolloutTemporal } from "../../src/temporal/rollout-client.ts";
import { refuseForeignTaskQueue } from "../../src/temporal/task-queue-claim.ts";
import { sweepAbandoned } from "../../src/use-cases/clear-abandoned.ts";
import { clearForgotten } from "../../src/use-cases/clear-forgotten.ts";
import { startRollout } from "../../src/use-cases/start-rollout.ts";
import { workflowBundlePath } from "../support/temporal.ts";
import { createRolloutBench, type RolloutBench } from "../support/rollout-bench.ts";

const POLICY = `
metrics: { rating: { window: 1h } }
canary:
  stages: [{ share: 5%, for: 1h }, { share: 50% }]
  interval: 100ms
  max_duration: 14d
  lease: 30s
  goal: { metric: rating, direction: higher, claim: superior }
`;

describe("a rollout on a Temporal that is shared", () => {
  let bench: RolloutBench;
  beforeEach(async () => {
    bench = await createRolloutBench();
    await bench.seed();
    bench.startWorker();
  });
  afterEach(async () => {
    await bench.close();
  });
  const canary = async (of: RolloutBench = bench) => {
    const started = await of.start(2, POLICY);
    await of.until(started.rolloutId, (s) => s.phase === "canary", "the canary");
    return started;
  };
  const sweep = (temporal = bench.starter, missingForMs?: number) =>
    sweepAbandoned(bench.db, temporal, {
      olderThanMs: 0,
      ...(missingForMs !== undefined && { missingForMs }),
    });

  it("meets no rollout of the same prompt in another installation, which has a task queue of its own", async () => {
    const ours = await canary();
    const other = await createRolloutBench({ prompt: bench.prompt });
    try {
      await other.seed();
      const theirs = await other.start(2, POLICY);
      expect(theirs).toMatchObject({ joined: false });
      expect(theirs.workflowId).not.toBe(ours.workflowId);
      expect(await findRollout(bench.db, ours.rolloutId)).toMatchObject({ phase: "canary", outcome: null });
      await other.client.workflow.getHandle(theirs.workflowId).terminate("test");
      // Even where the id of the workflow is known, one's own rollout is not what runs there.
      await expect(
        controlRollout(bench.client, { ...ours, rolloutId: theirs.rolloutId }, "abort", { by: "other" }),
      ).rejects.toMatchObject({ code: "conflict", message: expect.stringContaining("does not run here") });
    } finally {
      await other.close();
    }
  });

  it("is not started by an installation on the same task queue, which is told what to do", async () => {
    const ours = await canary();
    const other = await createRolloutBench({ prompt: bench.prompt });
    try {
      await other.seed();
      const mine = await other.start(2, POLICY);
      await other.client.workflow.getHandle(mine.workflowId).terminate("test");
      const { policy_sha256 } = (await findRollout(other.db, mine.rolloutId))!;
      const onOurQueue = startRollout(other.db, rolloutTemporal(other.client, bench.taskQueue), {
        scope: bench.scope,
        prompt: bench.prompt,
        number: 2,
        policySha256: policy_sha256,
        by: "other",
        again: true,
      });
      await expect(onOurQueue).rejects.toMatchObject({
        code: "conflict",
        message: expect.stringContaining("SLUICE_TASK_QUEUE"),
      });
      expect(await findOpenRollout(other.db, bench.scope)).toBeUndefined();
      expect(await findRollout(bench.db, ours.rolloutId)).toMatchObject({ phase: "canary", outcome: null });
      // Nor does a worker of it poll that queue.
      const claim = { namespace: "default", taskQueue: bench.taskQueue };
      const { connection } = other.client;
      const refuse = async (of: RolloutBench) =>
        refuseForeignTaskQueue(connection as Connection, {
          ...claim,
          installation: await installationId(of.db),
        });
      await expect(refuse(other)).rejects.toMatchObject({ code: "conflict" });
      await refuse(bench);
    } finally {
      await other.close();
    }
  });

  it("goes on where it was after another installation's worker has had its tasks, which gives them back", async () => {
    const started = await canary();
    const before = await findRollout(bench.db, started.rolloutId);
    const other = await createRolloutBench();
    const foreign = await foreignWorker(other);
    try {
      await bench.stopWorker();
      const handle = bench.client.workflow.getHandle(started.workflowId);
      const refused = async () => {
        const { raw } = await handle.describe();
        return raw.pendingActivities?.map(({ lastFailure }) => lastFailure?.message).join();
      };
      await expect
        .poll(refused, { timeout: 30_000 })
        .toContain("does a worker of another installation poll its task queue?");
      // Also what an operator asks for meanwhile is not answered by it.
      const abort = bench.control("abort", { by: "ann", reason: "enough" });
      await abort;
      await expect
        .poll(async () => (await handle.describe()).raw.pendingActivities?.[0]?.activityType?.name)
        .toBe("endRollout");
      expect(await findRollout(bench.db, started.rolloutId)).toMatchObject({
        outcome: null,
        phase: before!.phase,
      });
    } finally {
      await foreign.stop();
      await other.close();
    }
    bench.startWorker();
    const end = await bench.until(started.rolloutId, (s) => s.outcome !== null, "the end");
    expect(end).toMatchObject({ outcome: "aborted", reason: "aborted by ann: enough" });
  });

  /** One that polls our task queues although it should not, because it started at the same moment. */
  async function foreignWorker(other: RolloutBench): Promise<{ stop(): Promise<void> }> {
    const connection = await NativeConnection.connect({ address: bench.temporal });
    const activities = createActivities({
      db: other.db,
      providers: undefined as never,
      temporal: undefined as never,
      retention: undefined as never,
      log: () => undefined,
    });
    const common = { connection, activities, shutdownGraceTime: 0 };
    const workers = await Promise.all([
      Worker.create({
        ...common,
        taskQueue: bench.taskQueue,
        workflowBundle: { codePath: await workflowBundlePath() },
      }),
      Worker.create({ ...common, taskQueue: lastingTaskQueue(bench.taskQueue) }),
    ]);
    const running = Promise.all(workers.map((worker) => worker.run()));
    return {
      async stop() {
        for (const worker of workers) worker.shutdown();
        await running;
        await connection.close();
      },
    };
  }

  it("is not ended by a sweep that asks another Temporal", async () => {
    const folder = await mkdtemp(join(tmpdir(), "sluice-other-"));
    const other = await startTemporal({ machine: readLocalMachine(), dataDir: folder });
    const connection = await Connection.connect({ address: other.address });
    try {
      const started = await canary();
      const elsewhere = rolloutTemporal(new Client({ connection }), bench.taskQueue);
      for (let look = 0; look < 3; look++) expect(await sweep(elsewhere, 0)).toEqual([]);
      expect(await findRollout(bench.db, started.rolloutId)).toMatchObject({
        outcome: null,
        missing_since: null,
      });
    } finally {
      await connection.close();
      await other.stop();
      await rm(folder, { recursive: true, force: true });
    }
  });

  it("is not ended when an operator resets its workflow, which goes on", async () => {
    const started = await canary();
    const handle = bench.client.workflow.getHandle(started.workflowId, started.runId);
    const { events } = await handle.fetchHistory();
    const last = events!.filter((event) => event.workflowTaskCompletedEventAttributes).at(-1)!;
    const { runId } = await bench.client.workflowService.resetWorkflowExecution({
      namespace: "default",
      workflowExecution: { workflowId: started.workflowId, runId: started.runId },
      reason: "operator",
      workflowTaskFinishEventId: last.eventId!,
      requestId: randomUUID(),
    });
    expect(runId).not.toBe(started.runId);
    expect(await sweep(bench.starter, 0)).toEqual([]);
    await bench.control("abort", { by: "ann" });
    await bench.until(started.rolloutId, (s) => s.outcome === "aborted", "the end");
  });

  it("is stopped in Temporal where its database was restored from before it began, and is in nobody's way", async () => {
    const installation = await installationOrigin(bench.db);
    const forgotten = async (memo: Record<string, unknown>, workflowId = `rollout:${randomUUID()}`) => {
      const { taskQueue } = bench;
      const of = { taskQueue, workflowId, args: [{ rolloutId: memo["rolloutId"] }], memo };
      return bench.client.workflow.start("promptRollout", of);
    };
    const named = rolloutWorkflowId(bench.scope, { taskQueue: bench.taskQueue, digest: digestText });
    const inTheWay = await forgotten({ rolloutId: randomUUID(), installation }, named);
    await expect(bench.start(2, POLICY)).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("restored from a backup"),
    });
    const ours = await forgotten({ rolloutId: randomUUID(), installation });
    const theirs = await forgotten({ rolloutId: randomUUID(), installation: randomUUID() });
    const cleared = new Set<string>();
    const clear = async () => {
      for (const { workflowId } of await clearForgotten(bench.db, bench.starter)) cleared.add(workflowId);
      return [...cleared].toSorted();
    };
    // Temporal's list comes a moment after what it lists.
    await expect.poll(clear, { timeout: 10_000 }).toEqual([inTheWay.workflowId, ours.workflowId].toSorted());
    expect((await theirs.describe()).status.name).toBe("RUNNING");
    await theirs.terminate("test");
    const started = await canary();
    expect(started.workflowId).toBe(inTheWay.workflowId);
    const row = (await findRollout(bench.db, started.rolloutId))!;
    expect(row).toMatchObject({ phase: "canary", outcome: null });
    // What a backup of now would have of it once it has ended.
    await bench.control("abort", { by: "ann" });
    await bench.client.workflow.getHandle(started.workflowId).result();
    expect(await bench.starter.standing(row)).toBe("ended");
  });

  it("is ended only when Temporal has twice not known its workflow, some minutes apart", async () => {
    const started = await canary();
    // As if it had been deleted there.
    await bench.db.updateTable("rollouts").set({ workflow_id: "rollout:gone" }).execute();
    expect(await sweep()).toEqual([]);
    expect((await findRollout(bench.db, started.rolloutId))!.missing_since).not.toBeNull();
    expect(await sweep()).toEqual([]);
    expect(await sweep(bench.starter, 1)).toEqual([started.rolloutId]);
    expect(await findRollout(bench.db, started.rolloutId)).toMatchObject({
      outcome: "failed",
      reason: expect.stringContaining("not known to Temporal"),
    });
  });
});
