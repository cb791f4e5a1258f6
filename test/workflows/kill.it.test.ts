import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { decodeTimeoutType } from "@temporalio/common";
import { sql } from "kysely";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createResolver, type Resolver } from "../../src/resolver/index.ts";
import { withDatabase, type Database } from "../../src/storage/database.ts";
import { readAudit } from "../../src/storage/read/audit.ts";
import { findPointer } from "../../src/storage/read/pointer.ts";
import { newestAssessment } from "../../src/storage/read/rollout-evidence.ts";
import { createRolloutBench, type RolloutBench } from "../support/rollout-bench.ts";
import { indifferent } from "../support/simulate-traffic.ts";
import { startWorkerProcess } from "../support/worker-process.ts";

const POLICY = `
metrics: { rating: { window: 100ms } }
canary:
  stages: [{ share: 5% }, { share: 50% }]
  interval: 100ms
  min_units: 40
  max_units: 100000
  max_duration: 1h
  lease: 3s
  goal: { metric: rating, direction: higher, claim: superior }
`;

describe("a canary whose worker process is killed", { tags: "long" }, () => {
  let bench: RolloutBench;
  let workers: ChildProcess[];
  let stop: AbortController;
  let traffic: Promise<void> | undefined;
  beforeEach(async () => {
    bench = await createRolloutBench();
    workers = [];
    stop = new AbortController();
    await bench.seed();
  });
  afterEach(async () => {
    stop.abort();
    await traffic;
    for (const worker of workers) worker.kill("SIGKILL");
    await bench.close();
  });

  async function startWorker(): Promise<ChildProcess> {
    const worker = await startWorkerProcess(bench);
    workers.push(worker);
    return worker;
  }
  const ticks = async (rolloutId: string) => (await newestAssessment(bench.db, rolloutId))?.tick ?? 0;

  async function waitingForLocks(): Promise<number> {
    const { rows } = await sql`select pid from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`.execute(bench.db);
    return rows.length;
  }
  /** Keeps the pointer's row locked, for as long as it takes: the bench's own connections end what is idle. */
  async function holdingRow(rolloutId: string, work: () => Promise<void>): Promise<void> {
    const hold = async (db: Database) =>
      db.transaction().execute(async (transaction) => {
        await sql`select 1 from sluice.pointers where rollout_id = ${rolloutId} for update`.execute(
          transaction,
        );
        await work();
      });
    await withDatabase(bench.databaseUrl, hold, { queryTimeoutMs: 0 });
  }
  async function pendingActivities(workflowId: string) {
    const { raw } = await bench.client.workflow.getHandle(workflowId).describe();
    return raw.pendingActivities?.map((activity) => activity.activityType?.name);
  }
  /** Waits until the lease is over, also if what the dead worker had sent to the store renewed it once more. */
  async function leaseHasRunOut(): Promise<void> {
    for (;;) {
      const left = (await findPointer(bench.db, bench.scope))!.lease_until!.getTime() - Date.now();
      if (left < -200) return;
      await delay(left + 250);
    }
  }
  /** The kinds of time-outs after which activities were tried again. */
  async function timeouts(workflowId: string): Promise<string[]> {
    const { events } = await bench.client.workflow.getHandle(workflowId).fetchHistory();
    return (events ?? []).flatMap(({ activityTaskStartedEventAttributes: started }) => {
      const type = started?.lastFailure?.timeoutFailureInfo?.timeoutType;
      return type ? [decodeTimeoutType(type) ?? "none"] : [];
    });
  }

  it("goes on with a new worker, and moves the pointer once for each step", async () => {
    const first = await startWorker();
    traffic = bench.traffic(indifferent(), stop.signal);
    const started = await bench.start(2, POLICY.replace("lease: 3s", "lease: 1m"));
    await bench.until(started.rolloutId, (s) => s.stage === 2, "stage 2");
    first.kill("SIGKILL");
    await once(first, "exit");
    const before = await ticks(started.rolloutId);
    await startWorker();
    await expect.poll(() => ticks(started.rolloutId), { timeout: 30_000 }).toBeGreaterThan(before);
    await bench.control("promote", { by: "ann" });
    await bench.until(started.rolloutId, (s) => s.outcome === "promoted", "the promotion");
    const moves = (await readAudit(bench.db, { rolloutId: started.rolloutId })).map((line) => line.action);
    expect(moves).toEqual(["rollout_started", "stage_opened", "stage_opened", "promoted"]);
  });

  it("misses a worker that died in the middle of a pointer move by its heartbeats, and makes the move once", async () => {
    const first = await startWorker();
    const started = await bench.start(2, POLICY.replace("lease: 3s", "lease: 1m"));
    // Its lease is renewed for now: the next to need the pointer's row is the opening of stage 2.
    await expect.poll(() => ticks(started.rolloutId), { timeout: 30_000 }).toBeGreaterThan(0);
    await holdingRow(started.rolloutId, async () => {
      traffic = bench.traffic(indifferent(), stop.signal);
      await expect
        .poll(() => pendingActivities(started.workflowId), { timeout: 30_000 })
        .toContain("openStage");
      await expect.poll(waitingForLocks, { timeout: 30_000 }).toBeGreaterThan(0);
      first.kill("SIGKILL");
      await once(first, "exit");
    });
    await startWorker();
    await bench.until(started.rolloutId, (s) => s.stage === 2, "stage 2");
    await bench.control("promote", { by: "ann" });
    await bench.until(started.rolloutId, (s) => s.outcome === "promoted", "the promotion");
    const moves = (await readAudit(bench.db, { rolloutId: started.rolloutId })).map((line) => line.action);
    expect(moves).toEqual(["rollout_started", "stage_opened", "stage_opened", "promoted"]);
    expect(await timeouts(started.workflowId)).toEqual(["HEARTBEAT"]);
  });

  it("turns itself off when nobody takes over: every resolver serves the baseline", async () => {
    const worker = await startWorker();
    const started = await bench.start(2, POLICY);
    await bench.until(started.rolloutId, (s) => s.stage === 1, "stage 1");
    const resolvers = await Promise.all(
      Array.from({ length: 3 }, () => createResolver({ source: bench.databaseUrl, preload: [bench.prompt] })),
    );
    try {
      const served = async (resolver: Resolver) => {
        const arms = await Promise.all(
          Array.from({ length: 400 }, (_, i) =>
            resolver.resolve({ prompt: bench.prompt, unit: `user-${i}` }),
          ),
        );
        return arms.filter((prompt) => prompt.arm === "candidate").length;
      };
      for (const resolver of resolvers) expect(await served(resolver)).toBeGreaterThan(0);
      worker.kill("SIGKILL");
      await once(worker, "exit");
      await leaseHasRunOut();
      for (const resolver of resolvers) {
        expect(await served(resolver)).toBe(0);
        expect(await resolver.resolve({ prompt: bench.prompt, unit: "user-1" })).toMatchObject({
          version: 1,
          arm: "unenrolled",
        });
      }
    } finally {
      await Promise.all(resolvers.map((resolver) => resolver.close()));
    }
  });
});
