import type { ChildProcess } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findPointer } from "../../src/storage/read/pointer.ts";
import { newestAssessment } from "../../src/storage/read/rollout-evidence.ts";
import { findRollout } from "../../src/storage/read/rollout-row.ts";
import { startProxy } from "../resolver/support/tcp-proxy.ts";
import { createRolloutBench, type RolloutBench } from "../support/rollout-bench.ts";
import { startWorkerProcess } from "../support/worker-process.ts";

const POLICY = `
metrics: { rating: { window: 100ms } }
canary:
  stages: [{ share: 5%, for: 1h }, { share: 50% }]
  interval: 200ms
  min_units: 40
  max_units: 600
  max_duration: 14d
  lease: 2m
  goal: { metric: rating, direction: higher, claim: superior }
`;

describe("a rollout, while Postgres cannot do what it is asked", () => {
  let bench: RolloutBench;
  let proxy: Awaited<ReturnType<typeof startProxy>>;
  let worker: ChildProcess;
  let admin: pg.Client;
  let rolloutId: string;
  beforeEach(async () => {
    bench = await createRolloutBench();
    await bench.seed();
    proxy = await startProxy(bench.databaseUrl);
    admin = new pg.Client({ connectionString: bench.databaseUrl });
    await admin.connect();
    worker = await startWorkerProcess({
      databaseUrl: proxy.url,
      temporal: bench.temporal,
      taskQueue: bench.taskQueue,
      modelUrl: bench.modelUrl,
    });
    ({ rolloutId } = await bench.start(2, POLICY));
    while ((await ticks()) === 0) await delay(20);
  });
  afterEach(async () => {
    worker.kill("SIGKILL");
    await admin.end();
    await proxy.close();
    await bench.close();
  });
  const ticks = async () => (await newestAssessment(bench.db, rolloutId))?.tick ?? 0;
  const name = () => new URL(bench.databaseUrl).pathname.slice(1);
  /** As after a fail-over: the setting counts for new sessions, so the worker's are ended. */
  async function set(setting: string): Promise<void> {
    await admin.query(`alter database ${name()} ${setting}`);
    proxy.cut();
  }
  async function goesOn(within = 20_000): Promise<void> {
    const before = await ticks();
    await expect.poll(ticks, { timeout: within }).toBeGreaterThan(before);
    expect(await findRollout(bench.db, rolloutId)).toMatchObject({ outcome: null, phase: "canary" });
  }
  const failedAttempts = async () => {
    const { pendingActivities } = (await bench.client.workflow.getHandle(workflowId()).describe()).raw;
    return pendingActivities?.map(({ lastFailure }) => lastFailure?.message ?? "").join("; ") ?? "";
  };
  const workflowId = () => `rollout:production:${bench.prompt}:-:-:${bench.taskQueue}`;
  const aborts = async () => {
    await bench.control("abort", { by: "ann", reason: "bad" });
  };
  const ended = async () => {
    await bench.until(rolloutId, (status) => status.outcome !== null, "the end");
    expect(await findPointer(bench.db, bench.scope)).toMatchObject({ mode: null, rollout_id: null });
    return findRollout(bench.db, rolloutId);
  };

  it("goes on after a fail-over to a server that was read-only for a while", async () => {
    await set("set default_transaction_read_only = on");
    await expect.poll(failedAttempts, { timeout: 20_000 }).toContain("read-only");
    await set("reset default_transaction_read_only");
    await goesOn();
  });

  it("ends as it was told to when the server is read-only while it ends", { tags: "long" }, async () => {
    await set("set default_transaction_read_only = on");
    await aborts();
    await expect.poll(failedAttempts, { timeout: 20_000 }).toContain("read-only");
    expect(await findRollout(bench.db, rolloutId)).toMatchObject({ outcome: null });
    await set("reset default_transaction_read_only");
    expect(await ended()).toMatchObject({ outcome: "aborted" });
    expect(await bench.db.selectFrom("dead_letters").selectAll().execute()).toEqual([]);
  });

  it("goes on, by another attempt, when its connections go silent", async () => {
    proxy.silence();
    const before = await ticks();
    // Five looks' time, and none of them comes through.
    await delay(1_000);
    expect(await ticks()).toBe(before);
    await goesOn(30_000);
  });

  it("is aborted although the worker's connections are silent", { tags: "long" }, async () => {
    proxy.silence();
    await aborts();
    expect(await ended()).toMatchObject({ outcome: "aborted" });
  });

  it(
    "goes on when its worker was frozen longer than its heartbeats may be late",
    { tags: "long" },
    async () => {
      worker.kill("SIGSTOP");
      // It is this long that it is frozen.
      await delay(5_000);
      worker.kill("SIGCONT");
      await goesOn();
      await aborts();
      expect(await ended()).toMatchObject({ outcome: "aborted" });
    },
  );

  it("goes on when there was no route to the server for a while", { tags: "long" }, async () => {
    proxy.swallow();
    await expect.poll(failedAttempts, { timeout: 30_000 }).not.toBe("");
    proxy.deliver();
    await goesOn(30_000);
  });

  it(
    "is aborted while there is no route to the server, and ends once it can be reached",
    { tags: "long" },
    async () => {
      proxy.swallow();
      await aborts();
      await expect.poll(failedAttempts, { timeout: 30_000 }).toMatch(/Postgres/);
      expect(await findRollout(bench.db, rolloutId)).toMatchObject({ outcome: null });
      proxy.deliver();
      expect(await ended()).toMatchObject({ outcome: "aborted" });
    },
  );

  it("goes on after its statements were ended because they took too long", { tags: "long" }, async () => {
    await admin.query("begin; lock table sluice.assessments in access exclusive mode");
    await expect.poll(failedAttempts, { timeout: 30_000 }).toContain("statement timeout");
    await admin.query("rollback");
    await goesOn();
  });

  /** What Postgres says of every write on a disk without room. */
  async function disk(is: "full" | "free"): Promise<void> {
    await admin.query(`create or replace function public.full_disk() returns trigger language plpgsql as
      'begin raise sqlstate ''53100'' using message = ''could not extend file: No space left on device''; end'`);
    for (const table of ["assessments", "rollouts", "operations", "pointers", "audit", "dead_letters"])
      await admin.query(
        is === "full"
          ? `create trigger a_full_disk before insert or update on sluice.${table} for each statement execute function public.full_disk()`
          : `drop trigger a_full_disk on sluice.${table}`,
      );
  }

  it("goes on after the server's disk was full", { tags: "long" }, async () => {
    await disk("full");
    await expect.poll(failedAttempts, { timeout: 30_000 }).toContain("No space left");
    await disk("free");
    await goesOn();
  });

  it("ends as it was told to when the disk is full while it ends, once, and without a dead letter", async () => {
    await disk("full");
    await aborts();
    await expect.poll(failedAttempts, { timeout: 30_000 }).toContain("No space left");
    expect(await findRollout(bench.db, rolloutId)).toMatchObject({ outcome: null });
    await disk("free");
    expect(await ended()).toMatchObject({ outcome: "aborted" });
    expect(await bench.db.selectFrom("dead_letters").selectAll().execute()).toEqual([]);
  });

  it.each([
    ["ahead", 10],
    ["behind", -10],
  ])(
    "neither hurries nor stops on a worker whose clock is ten minutes %s, and jumps",
    { tags: "long" },
    async (_, minutes) => {
      worker.kill("SIGKILL");
      worker = await startWorkerProcess({
        databaseUrl: proxy.url,
        temporal: bench.temporal,
        taskQueue: bench.taskQueue,
        modelUrl: bench.modelUrl,
        clockShiftMs: minutes * 60_000,
      });
      await goesOn(40_000);
      worker.kill("SIGUSR2");
      await goesOn();
      await goesOn();
      await aborts();
      expect(await ended()).toMatchObject({ outcome: "aborted" });
    },
  );
});
