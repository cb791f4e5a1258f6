import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { rolloutActivities } from "../../activities/rollouts.ts";
import { SluiceError } from "../../src/domain/errors.ts";
import { findPointer } from "../../src/storage/read/pointer.ts";
import { findRollout } from "../../src/storage/read/rollout-row.ts";
import { decideAndNotify } from "../../src/use-cases/decide-and-notify.ts";
import type { RolloutsPort } from "../../src/protocol/rollout-controls.ts";
import { decideApproval } from "../../src/use-cases/decide-approval.ts";
import { createRolloutBench, type RolloutBench } from "../support/rollout-bench.ts";

const POLICY = `
metrics: { rating: { window: 100ms } }
canary:
  stages: [{ share: 5% }, { share: 50% }]
  interval: 100ms
  min_units: 40
  max_units: 600
  max_duration: 60s
  lease: 30s
  goal: { metric: rating, direction: higher, claim: superior }
`;
const GATE = "gate: { dataset: golden.yaml, min_pass_rate: 0.9 }\n";
const approval = (before: string, timeout = "1h") =>
  `approval: { before: ${before}, timeout: ${timeout}, asserted: true }\n`;

describe("an approval", () => {
  let bench: RolloutBench;
  let stop: AbortController;
  let traffic: Promise<void> | undefined;
  beforeEach(async () => {
    bench = await createRolloutBench();
    stop = new AbortController();
    await bench.seed();
    bench.startWorker();
  });
  afterEach(async () => {
    stop.abort();
    await traffic;
    traffic = undefined;
    await bench.close();
  });
  const betterVersion = () => {
    traffic = bench.traffic(
      (arm, draw) => ({ rating: (arm === "candidate" ? 4.4 : 3.4) + draw() - 0.5 }),
      stop.signal,
    );
  };
  const waiting = (rolloutId: string) =>
    bench.until(rolloutId, (s) => s.phase === "awaiting_approval", "the wait");
  const ended = (rolloutId: string) => bench.until(rolloutId, (s) => s.outcome !== null, "the end");
  // Nobody tells the workflow: what is in the table has to be enough.
  const decision = () => ({
    scope: bench.scope,
    version: { prompt: bench.prompt, number: 2 },
    decision: "approve" as const,
    by: "eve",
    comment: "",
  });
  const approve = () => decideApproval(bench.db, decision());

  // Has the workflow look now. One that has looked by itself may be over already.
  const lookNow = () =>
    bench.control("approve", { by: "eve" }).catch((error: unknown) => {
      if (!(error instanceof SluiceError && error.code === "not_found")) throw error;
    });

  it("counts when it is in the table as the time runs out, though the workflow was never told", async () => {
    const started = await bench.start(2, approval("canary", "2s") + POLICY);
    await waiting(started.rolloutId);
    await approve();
    const { outcome } = await bench.until(
      started.rolloutId,
      (s) => s.stage === 1 || s.outcome !== null,
      "on",
    );
    expect(outcome).toBeNull();
  });

  it("does not count when it was given after the time", async () => {
    const started = await bench.start(2, approval("canary") + POLICY);
    await waiting(started.rolloutId);
    const { readDecision } = rolloutActivities({ db: bench.db });
    const before = Date.now() - 60_000;
    await approve();
    const ask = { rolloutId: started.rolloutId, point: "canary" } as const;
    expect(await readDecision({ ...ask, until: before })).toMatchObject({ decision: "waiting" });
    expect(await readDecision({ ...ask, until: Date.now() + 60_000 })).toMatchObject({
      decision: "approved",
    });
  });

  it("before promotion is found by the canary's own looks, without a hint", async () => {
    betterVersion();
    const started = await bench.start(2, approval("promote") + POLICY);
    await waiting(started.rolloutId);
    expect(await approve()).toMatchObject({ point: "promote", decision: "approved" });
    expect(await ended(started.rolloutId)).toMatchObject({ outcome: "promoted" });
  });

  it("can still be given after the lease ran out and the canary was opened again", async () => {
    betterVersion();
    const policy = approval("promote") + POLICY.replace("lease: 30s", "lease: 2s");
    const started = await bench.start(2, policy);
    await waiting(started.rolloutId);
    await bench.stopWorker();
    const { epoch } = (await findPointer(bench.db, bench.scope))!;
    const lease = async () => (await findPointer(bench.db, bench.scope))!.lease_until!.getTime() - Date.now();
    await expect.poll(lease, { timeout: 10_000 }).toBeLessThan(0);
    bench.startWorker();
    const epochNow = async () => (await findPointer(bench.db, bench.scope))!.epoch;
    await expect.poll(epochNow, { timeout: 20_000 }).not.toBe(epoch);
    expect(await findRollout(bench.db, started.rolloutId)).toMatchObject({
      phase: "awaiting_approval",
      waiting_for: "promote",
    });
    await approve();
    expect(await ended(started.rolloutId)).toMatchObject({ outcome: "promoted" });
  });

  it("is waited for by a first version too, where one before the canary is one before promotion", async () => {
    await bench.db.deleteFrom("pointers").execute();
    const started = await bench.start(2, approval("canary") + GATE + POLICY);
    await waiting(started.rolloutId);
    expect((await findPointer(bench.db, bench.scope))!.active_version).toBeNull();
    expect(await approve()).toMatchObject({ point: "promote" });
    await lookNow();
    expect(await ended(started.rolloutId)).toMatchObject({ outcome: "promoted", reason: "first_version" });
  });

  it("is all that stands between a passed gate and promotion where the policy has no canary", async () => {
    // Two cases cannot exclude a small regression, and what cannot be told is rejected here.
    const gate = GATE.replace("0.9", "0.9, max_regression: 1");
    const started = await bench.start(2, approval("promote") + gate);
    await waiting(started.rolloutId);
    expect(await findPointer(bench.db, bench.scope)).toMatchObject({ mode: null, share: 0 });
    // The rollout has read it, and is gone, before it is told: that is no failure of who approved.
    const late = async () => {
      await ended(started.rolloutId);
      return bench.control("approve", { by: "eve" });
    };
    const port = { use: (work: (rollouts: never) => unknown) => work({ control: late } as never) };
    expect(await decideAndNotify(bench.db, port as Pick<RolloutsPort, "use">, decision())).toMatchObject({
      point: "promote",
      decision: "approved",
    });
    await expect(late()).rejects.toMatchObject({ code: "not_found" });
    expect(await ended(started.rolloutId)).toMatchObject({
      outcome: "promoted",
      stage: 0,
      stages: 0,
      reason: expect.stringMatching(/^the gate alone decides: pass/),
    });
    await bench.keepHistory("promoted on its gate alone, approved");
  });

  it("that was taken before somebody stopped the rollout is no failure of who took it", async () => {
    const started = await bench.start(2, approval("promote") + GATE.replace("0.9", "0.9, max_regression: 1"));
    await waiting(started.rolloutId);
    const late = async () => {
      await bench.control("abort", { by: "ops", reason: "not today" });
      return bench.control("approve", { by: "eve" });
    };
    const port = { use: (work: (rollouts: never) => unknown) => work({ control: late } as never) };
    expect(await decideAndNotify(bench.db, port as Pick<RolloutsPort, "use">, decision())).toMatchObject({
      decision: "approved",
    });
    expect(await ended(started.rolloutId)).toMatchObject({ outcome: "aborted" });
  });

  it("is not asked for by a hold, which says what decides it", async () => {
    traffic = bench.traffic(() => ({ rating: 3.4 }), stop.signal);
    const policy = POLICY.replace("60s", "1s\n  on_inconclusive: hold\n  hold_timeout: 1h");
    const started = await bench.start(2, policy);
    await bench.until(started.rolloutId, (s) => s.phase === "awaiting_approval", "the hold");
    await expect(approve()).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("sluice rollout promote"),
    });
  });
});
