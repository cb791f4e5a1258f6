import { sql } from "kysely";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findPointer } from "../../src/storage/read/pointer.ts";
import { readAudit } from "../../src/storage/read/audit.ts";
import { decideApproval } from "../../src/use-cases/decide-approval.ts";
import { createRolloutBench, type RolloutBench } from "../support/rollout-bench.ts";
import type { Opinion } from "../support/simulate-traffic.ts";

const POLICY = `
metrics: { rating: { window: 100ms } }
canary:
  stages: [{ share: 5% }, { share: 50% }]
  interval: 100ms
  min_units: 40
  max_units: 600
  max_duration: 60s
  lease: 2s
  goal: { metric: rating, direction: higher, claim: superior }
`;
const SLOW = POLICY.replace("{ share: 5% }", "{ share: 5%, for: 1h }").replace("60s", "14d");
const SAME: Opinion = () => ({ rating: 3.4 });
const BETTER: Opinion = (arm, draw) => ({ rating: (arm === "candidate" ? 4.4 : 3.4) + draw() - 0.5 });

describe("a canary whose lease has run out, because no worker was there to renew it", () => {
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
  const users = (opinion: Opinion) => {
    traffic = bench.traffic(opinion, stop.signal);
  };
  const ended = (rolloutId: string) => bench.until(rolloutId, (s) => s.outcome !== null, "the end");
  const waiting = (rolloutId: string) =>
    bench.until(rolloutId, (s) => s.phase === "awaiting_approval", "the wait");
  const decide = (decision: "approve" | "reject") =>
    decideApproval(bench.db, {
      scope: bench.scope,
      version: { prompt: bench.prompt, number: 2 },
      decision,
      by: "eve",
      comment: "",
    });
  /** Takes the worker away until the database says that the lease is over. */
  async function lapsed(): Promise<void> {
    await bench.stopWorker();
    const isOver = async () => {
      const { rows } = await sql<{ over: boolean }>`select lease_until < now() as over
        from sluice.pointers where rollout_id is not null`.execute(bench.db);
      return rows[0]!.over;
    };
    await expect.poll(isOver, { timeout: 10_000 }).toBe(true);
  }
  /** Asks while nobody is there to answer, and then lets a worker come. */
  async function askedWhileAway<Name extends "promote" | "pause" | "resume" | "abort">(name: Name) {
    const answer = bench.control(name, { by: "ann" });
    bench.startWorker();
    return answer;
  }
  const epochs = async (rolloutId: string) =>
    (await readAudit(bench.db, { rolloutId })).filter(({ action }) => action === "stage_opened").length;

  it("is opened in a new epoch and looked at when somebody asks to promote it early, and promoted", async () => {
    users(SAME);
    const started = await bench.start(2, SLOW);
    await bench.until(started.rolloutId, (s) => Math.min(s.units.candidate, s.units.control) > 60, "units");
    await lapsed();
    expect(await askedWhileAway("promote")).toMatchObject({ granted: true, missing: null });
    expect(await ended(started.rolloutId)).toMatchObject({
      outcome: "promoted",
      reason: expect.stringContaining("passes over: stage 1 of 2"),
    });
    expect(await epochs(started.rolloutId)).toBe(2);
  });

  it("is promoted from a hold when an operator asks, and stays on hold until then", async () => {
    users(SAME);
    const policy = POLICY.replace("60s", "2s\n  on_inconclusive: hold\n  hold_timeout: 1h");
    const started = await bench.start(2, policy);
    await waiting(started.rolloutId);
    await lapsed();
    expect(await askedWhileAway("promote")).toMatchObject({ granted: true });
    expect(await ended(started.rolloutId)).toMatchObject({ outcome: "promoted" });
    expect(await findPointer(bench.db, bench.scope)).toMatchObject({ mode: null, rollout_id: null });
  });

  it("is paused, resumed and aborted as asked once a worker is back", async () => {
    const started = await bench.start(2, SLOW);
    await bench.until(started.rolloutId, (s) => s.phase === "canary", "the canary");
    await lapsed();
    expect(await askedWhileAway("pause")).toMatchObject({ paused: true });
    await lapsed();
    expect(await askedWhileAway("resume")).toMatchObject({ paused: false });
    await lapsed();
    expect(await askedWhileAway("abort")).toMatchObject({ rolloutId: started.rolloutId });
    expect(await ended(started.rolloutId)).toMatchObject({ outcome: "aborted" });
    expect(await findPointer(bench.db, bench.scope)).toMatchObject({ mode: null, rollout_id: null });
  });

  it.each([
    ["approve", "promoted"],
    ["reject", "rejected"],
  ] as const)(
    "and that waits for an approval before promotion keeps what was said: %s",
    async (said, outcome) => {
      users(BETTER);
      const approval = "approval: { before: promote, timeout: 1h, asserted: true }\n";
      const started = await bench.start(2, approval + POLICY);
      await waiting(started.rolloutId);
      await lapsed();
      await decide(said);
      bench.startWorker();
      expect(await ended(started.rolloutId)).toMatchObject({ outcome });
      expect(await findPointer(bench.db, bench.scope)).toMatchObject({ mode: null, rollout_id: null });
    },
  );
});
