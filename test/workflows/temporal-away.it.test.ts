import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readLocalMachine } from "../../src/config.ts";
import { startTemporal, type LocalTemporal } from "../../src/local/temporal/temporal.ts";
import { findPointer } from "../../src/storage/read/pointer.ts";
import { requireVersion } from "../../src/storage/read/version.ts";
import { rollBack } from "../../src/use-cases/roll-back.ts";
import { createRolloutBench, type RolloutBench } from "../support/rollout-bench.ts";
import { indifferent } from "../support/simulate-traffic.ts";

const POLICY = `
metrics: { rating: { window: 100ms } }
canary:
  stages: [{ share: 5% }, { share: 50% }]
  interval: 100ms
  min_units: 40
  max_units: 600
  max_duration: 1h
  lease: 30s
  goal: { metric: rating, direction: higher, claim: superior }
`;

describe("rolling back while Temporal is away", () => {
  let folder: string;
  let temporal: LocalTemporal;
  let bench: RolloutBench;
  let stop: AbortController;
  let traffic: Promise<void> | undefined;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "sluice-temporal-"));
    temporal = await startTemporal({ machine: readLocalMachine(), dataDir: folder });
    bench = await createRolloutBench({ temporal: temporal.address });
    stop = new AbortController();
    await bench.seed();
    bench.startWorker();
  });
  afterEach(async () => {
    stop.abort();
    await traffic;
    await bench.close();
    await temporal.stop();
    await rm(folder, { recursive: true, force: true });
  });
  const port = () => Number(new URL(`http://${temporal.address}`).port);
  const baselineServed = async () =>
    expect(await findPointer(bench.db, bench.scope)).toMatchObject({
      active_version: (await requireVersion(bench.db, { prompt: bench.prompt, number: 1 })).id,
      candidate_version: null,
      rollout_id: null,
    });
  const back = () => rollBack(bench.db, { scope: bench.scope, reason: "complaints", by: "bob" });

  it("during a canary serves the baseline at once, and the rollout ends later without moving anything", async () => {
    traffic = bench.traffic(indifferent(), stop.signal);
    const started = await bench.start(2, POLICY.replace("max_units: 600", "max_units: 1000000"));
    await bench.until(started.rolloutId, (s) => s.phase === "canary", "the canary");
    const address = port();
    await temporal.stop();
    const { revision } = await back();
    await baselineServed();
    temporal = await startTemporal({ machine: readLocalMachine(), dataDir: folder, preferredPort: address });
    const handle = bench.client.workflow.getHandle(started.workflowId, started.runId);
    expect(await handle.result()).toMatchObject({ outcome: "aborted" });
    await baselineServed();
    expect((await findPointer(bench.db, bench.scope))!.revision).toBe(revision);
  });

  it("during a promotion serves the baseline, and the promotion that was under way is refused", async () => {
    traffic = bench.traffic((arm, draw) => ({ rating: (arm === "candidate" ? 4 : 3) + draw() }), stop.signal);
    const started = await bench.start(2, POLICY);
    const address = port();
    let revision = 0;
    const undone = new Error("undo");
    // Whoever takes the promotion's operation id holds the promotion in its middle; the rollback comes then.
    await bench.db
      .transaction()
      .execute(async (transaction) => {
        await sql`insert into sluice.operations (id, request_sha256, outcome)
          values (${`${started.workflowId}/${started.rolloutId}/promote`}, '', 'null')`.execute(transaction);
        await bench.until(started.rolloutId, (s) => s.phase === "promoting", "the promotion");
        await temporal.stop();
        ({ revision } = await back());
        throw undone;
      })
      .catch((error: unknown) => {
        if (error !== undone) throw error;
      });
    await baselineServed();
    temporal = await startTemporal({ machine: readLocalMachine(), dataDir: folder, preferredPort: address });
    const handle = bench.client.workflow.getHandle(started.workflowId, started.runId);
    expect(await handle.result()).toMatchObject({ outcome: "aborted" });
    await baselineServed();
    expect((await findPointer(bench.db, bench.scope))!.revision).toBe(revision);
  });
});
