import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Manifest } from "../../src/domain/shapes/delivering.ts";
import { deliveryWorkflowId } from "../../src/protocol/names.ts";
import { type DeliveryRow, findDelivery } from "../../src/storage/read/deliveries.ts";
import { findRollout } from "../../src/storage/read/rollout-row.ts";
import { findVersionBySha256, requireVersion } from "../../src/storage/read/version.ts";
import { wakeDueDeliveries, resumeDeliveries } from "../../src/use-cases/resume-deliveries.ts";
import { deliverVersion } from "../../src/use-cases/deliver-version.ts";
import { loadPolicyDocument } from "../../src/use-cases/load-policy-document.ts";
import { publish } from "../../src/use-cases/publish-manifest.ts";
import { createRolloutBench, keepWorkflowHistory, type RolloutBench } from "../support/rollout-bench.ts";

const POLICY = loadPolicyDocument({
  policy: { gate: { dataset: "cases", max_regression: 1 } },
  dataset: [{ vars: { question: "Refund?" }, assert: [{ type: "javascript", value: "output.length > 0" }] }],
});
const POLICIES = new Map([
  ["staging", POLICY],
  ["production", POLICY],
]);
const [FIRST, SECOND] = ["a".repeat(40), "b".repeat(40)] as const;

describe("a delivery, as a workflow", () => {
  let bench: RolloutBench;
  beforeEach(async () => {
    bench = await createRolloutBench();
    await bench.seed();
  });
  afterEach(async () => {
    await bench.close();
  });

  /** Publishes that Git says this version, and what its environments ask. */
  async function publishVersion(commit: string, number: number, liveForMs: number): Promise<void> {
    const { sha256 } = await requireVersion(bench.db, { prompt: bench.prompt, number });
    const everybody = [{ model: null, tenant: null }];
    const manifest: Manifest = {
      repository: "git.example.org/acme/prompts",
      branch: "main",
      commit,
      committedAt: "2026-05-01T12:00:00.000Z",
      owner: "both",
      environments: [
        { name: "staging", label: "staging", from: null, liveForMs: 0, scopes: everybody },
        { name: "production", label: "production", from: "staging", liveForMs, scopes: everybody },
      ],
      prompts: [{ prompt: bench.prompt, path: "prompt.yaml", sha256 }],
    };
    const expectedRevision = commit === FIRST ? 0 : 1;
    await publish(bench.db, { manifest, expectedRevision, takeOver: false, assertedActor: "anna" });
    expect(await findVersionBySha256(bench.db, bench.prompt, sha256)).toBeDefined();
  }
  const deliver = (commit: string) =>
    deliverVersion(bench.db, bench.starter, {
      prompt: bench.prompt,
      commit,
      policies: POLICIES,
      needsApproval: [],
      also: [],
      by: "anna",
    });
  async function until(id: string, wanted: (row: DeliveryRow) => boolean): Promise<DeliveryRow> {
    for (let attempt = 0; attempt < 1_200; attempt++) {
      await wakeDueDeliveries(bench.db, bench.starter);
      const row = await findDelivery(bench.db, id);
      if (row && wanted(row)) return row;
      await delay(50);
    }
    throw new Error(`never as wanted: ${JSON.stringify(await findDelivery(bench.db, id))}`);
  }
  const idOf = (commit: string) => deliveryWorkflowId(bench.prompt, commit, bench.taskQueue);

  it("outlives its worker, waits out its time, and ends where every environment serves the version", async () => {
    await publishVersion(FIRST, 2, 10_000);
    const { delivery, started } = await deliver(FIRST);
    expect(started).toMatchObject([{ environment: "staging", joined: false }]);
    // Nobody works yet, and whoever asks again starts nothing twice.
    expect(await deliver(FIRST)).toMatchObject({
      delivery: { deliveryId: delivery.deliveryId, state: "rolling_out" },
      started: [{ environment: "staging", joined: true }],
    });
    bench.startWorker();
    await until(delivery.deliveryId, ({ state }) => state === "waiting");
    await bench.stopWorker();
    // Gone from Temporal, too: what it has to do is in its row.
    const handle = bench.client.workflow.getHandle(idOf(FIRST));
    expect(await resumeDeliveries(bench.db, bench.starter, { olderThanMs: 0 })).toEqual([]);
    await keepWorkflowHistory(bench.client, idOf(FIRST), "open-woken-after-its-rollout");
    await handle.terminate("by an operator");
    expect(await resumeDeliveries(bench.db, bench.starter, { olderThanMs: 3_600_000 })).toEqual([]);
    expect(await resumeDeliveries(bench.db, bench.starter, { olderThanMs: 0 })).toEqual([
      `${bench.prompt}@2`,
    ]);
    bench.startWorker();
    const done = await until(delivery.deliveryId, ({ ended_at }) => ended_at !== null);
    expect(done).toMatchObject({ state: "delivered", reason: "is live in every environment" });
    expect(await bench.client.workflow.getHandle(idOf(FIRST)).result()).toEqual({
      state: "delivered",
      reason: "is live in every environment",
    });
    // No slot of a worker is held for as long as a rollout lasts.
    const { events } = await bench.client.workflow.getHandle(idOf(FIRST)).fetchHistory();
    const activities = (events ?? []).flatMap(
      (event) => event.activityTaskScheduledEventAttributes?.activityType?.name ?? [],
    );
    expect(new Set(activities)).toEqual(new Set(["advanceDelivery"]));
    await keepWorkflowHistory(bench.client, idOf(FIRST), "delivered-after-its-worker-was-gone");
  });

  it("goes on in time where somebody else has looked first and found that it has to wait", async () => {
    bench.startWorker();
    await publishVersion(FIRST, 2, 1_000);
    const { delivery, started } = await deliver(FIRST);
    const [first] = started;
    if (!first || !("rolloutId" in first)) throw new Error("nothing was started");
    const rollout = await findRollout(bench.db, first.rolloutId);
    await bench.client.workflow.getHandle(rollout!.workflow_id).result();
    // The workflow waits for the rollout's end, and this look takes that from the row.
    expect((await deliver(FIRST)).delivery.state).toBe("waiting");
    const done = await until(delivery.deliveryId, ({ ended_at }) => ended_at !== null);
    expect(done.state).toBe("delivered");
  });

  it("ends when a later commit says something else, in the middle of its wait", async () => {
    bench.startWorker();
    await publishVersion(FIRST, 2, 3_600_000);
    const { delivery } = await deliver(FIRST);
    await until(delivery.deliveryId, ({ state }) => state === "waiting");
    await keepWorkflowHistory(bench.client, idOf(FIRST), "open-waiting-for-its-next-environment");
    await bench.push(3);
    await publishVersion(SECOND, 3, 3_600_000);
    await wakeDueDeliveries(bench.db, bench.starter);
    expect(await bench.client.workflow.getHandle(idOf(FIRST)).result()).toEqual({
      state: "replaced",
      reason: `commit ${SECOND.slice(0, 12)} was applied after it`,
    });
    await keepWorkflowHistory(bench.client, idOf(FIRST), "replaced-by-a-later-commit");
  });
});
