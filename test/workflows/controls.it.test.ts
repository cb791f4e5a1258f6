import { setTimeout as delay } from "node:timers/promises";
import { sql } from "kysely";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { rolloutActivities } from "../../activities/rollouts.ts";
import { readAudit } from "../../src/storage/read/audit.ts";
import { findPointer } from "../../src/storage/read/pointer.ts";
import { findRollout } from "../../src/storage/read/rollout-row.ts";
import type { ControlName } from "../../src/protocol/names.ts";
import { controlRollout, rolloutTemporal } from "../../src/temporal/rollout-client.ts";
import type { RequestAbort } from "../../src/use-cases/abort-rollout.ts";
import { decideApproval } from "../../src/use-cases/decide-approval.ts";
import type { RolloutProgress } from "../../src/protocol/rollout-messages.ts";
import { replaceRollout } from "../../src/use-cases/replace-rollout.ts";
import { rollBack } from "../../src/use-cases/roll-back.ts";
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
  lease: 30s
  goal: { metric: rating, direction: higher, claim: superior }
`;
const LONG = POLICY.replace("{ share: 5% }", "{ share: 5%, for: 1h }").replace("60s", "14d");
const GATE = "gate: { dataset: golden.yaml, min_pass_rate: 0.9, on_insufficient: canary }\n";
const BETTER: Opinion = (arm, draw) => ({ rating: (arm === "candidate" ? 4.4 : 3.4) + draw() - 0.5 });

describe("a rollout that is paused", () => {
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
  const ask = <Name extends ControlName>(name: Name) => bench.control(name, { by: "ann" });
  const ended = (rolloutId: string) => bench.until(rolloutId, (s) => s.outcome !== null, "the end");
  const actions = async (rolloutId: string) =>
    (await readAudit(bench.db, { rolloutId })).map((line) => line.action);
  const gateEnded = async () => {
    const verdicts = bench.db.selectFrom("evaluations").select("verdict").where("verdict", "is not", null);
    while ((await verdicts.execute()).length === 0) await delay(50);
  };
  const progress = (workflowId: string) =>
    bench.client.workflow.getHandle(workflowId).query<RolloutProgress>("progress");

  it("before its gate has ended opens no canary until it is resumed", async () => {
    const started = await bench.start(2, GATE + LONG);
    expect(await ask("pause")).toMatchObject({ paused: true });
    await gateEnded();
    // Many times as long as the step takes that must not come.
    await delay(500);
    expect(await findPointer(bench.db, bench.scope)).toMatchObject({ share: 0, candidate_version: null });
    expect(await findRollout(bench.db, started.rolloutId)).toMatchObject({ paused: true, stage: 0 });
    await ask("resume");
    await bench.until(started.rolloutId, (s) => s.stage === 1, "the canary");
    await bench.keepHistory("open, paused before its canary");
  });

  it("ends before its canary when a rollback has ended it, with Temporal told nothing", async () => {
    const started = await bench.start(2, GATE + POLICY);
    await ask("pause");
    await gateEnded();
    const back = await rollBack(bench.db, { scope: bench.scope, reason: "not today", by: "bob" });
    expect(back.serves).toBe(`${bench.prompt}@1`);
    const handle = bench.client.workflow.getHandle(started.workflowId, started.runId);
    expect(await handle.result()).toMatchObject({ outcome: "aborted" });
    expect(await actions(started.rolloutId)).toEqual(["rollout_started", "paused", "rolled_back"]);
  });

  it("is not promoted as a first version", async () => {
    await bench.db.deleteFrom("pointers").execute();
    const started = await bench.start(2, GATE + POLICY);
    await ask("pause");
    await gateEnded();
    // Many times as long as the step takes that must not come.
    await delay(500);
    expect(await actions(started.rolloutId)).toEqual(["rollout_started", "paused"]);
    await ask("resume");
    expect(await ended(started.rolloutId)).toMatchObject({ outcome: "promoted" });
  });

  it("is not promoted when its approval comes, and keeps its canary under a lease meanwhile", async () => {
    users(BETTER);
    const started = await bench.start(
      2,
      `approval: { before: promote, timeout: 1h, asserted: true }\n${POLICY.replace("lease: 30s", "lease: 2s")}`,
    );
    await bench.until(started.rolloutId, (s) => s.phase === "awaiting_approval", "the wait");
    await ask("pause");
    await decideApproval(bench.db, {
      scope: bench.scope,
      version: { prompt: bench.prompt, number: 2 },
      decision: "approve",
      by: "eve",
      comment: "",
    });
    await ask("approve");
    const lease = async () => (await findPointer(bench.db, bench.scope))!.lease_until!.getTime();
    // Renewed more than once: the one that ran when the approval came is over.
    const first = await lease();
    await expect.poll(lease, { timeout: 20_000 }).toBeGreaterThan(first + 2_000);
    expect(await findPointer(bench.db, bench.scope)).toMatchObject({ mode: "canary", share: 5000 });
    expect((await findPointer(bench.db, bench.scope))!.lease_until!.getTime()).toBeGreaterThan(Date.now());
    expect(await actions(started.rolloutId)).not.toContain("promoted");
    await ask("resume");
    expect(await ended(started.rolloutId)).toMatchObject({ outcome: "promoted" });
  });

  it("and resumed at the same time says in its row what its workflow does, and each change is audited once", async () => {
    const started = await bench.start(2, LONG);
    await bench.until(started.rolloutId, (s) => s.phase === "canary", "the canary");
    for (let round = 0; round < 10; round++) {
      await Promise.all([ask("pause"), ask("resume")]);
      const { paused } = await progress(started.workflowId);
      expect((await findRollout(bench.db, started.rolloutId))!.paused).toBe(paused);
    }
    const changes = (await actions(started.rolloutId)).filter((one) => one === "paused" || one === "resumed");
    expect(changes.filter((one, index) => one === changes[index - 1])).toEqual([]);
  });

  it("by an attempt whose acknowledgement was lost is audited once, and not at all once it has ended", async () => {
    const started = await bench.start(2, LONG);
    await bench.until(started.rolloutId, (s) => s.phase === "canary", "the canary");
    const activities = rolloutActivities({ db: bench.db });
    const pause = { rolloutId: started.rolloutId, paused: true, by: "ann" };
    expect(await activities.setPaused({ ...pause, change: "1" })).toEqual({ open: true });
    expect(await activities.setPaused({ ...pause, change: "1" })).toEqual({ open: true });
    await ask("abort");
    await ended(started.rolloutId);
    expect(await activities.setPaused({ ...pause, paused: false, change: "2" })).toEqual({ open: false });
    expect(await actions(started.rolloutId)).toEqual([
      "rollout_started",
      "stage_opened",
      "paused",
      "rolled_back",
    ]);
  });

  it("is refused where there is nothing left to pause: after the promotion", async () => {
    users(BETTER);
    const started = await bench.start(2, `watch: { for: 1h, holdback: 10% }\n${POLICY}`);
    await bench.until(started.rolloutId, (s) => s.phase === "watching", "the watch");
    await expect(ask("pause")).rejects.toMatchObject({ code: "conflict" });
    await expect(ask("promote")).rejects.toMatchObject({ code: "conflict" });
    // Taking it back works as long as it is watched.
    await ask("abort");
    expect(await ended(started.rolloutId)).toMatchObject({ outcome: "aborted" });
  });
});

describe("an abort", () => {
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
  const abort = () => bench.control("abort", { by: "ann", reason: "wrong text" });
  const ended = (rolloutId: string) => bench.until(rolloutId, (s) => s.outcome !== null, "the end");

  it("that a replacement asks for while a promotion is watched is waited for, however long it takes", async () => {
    traffic = bench.traffic(BETTER, stop.signal);
    await bench.push(3);
    const started = await bench.start(2, `watch: { for: 1h, holdback: 10% }\n${POLICY}`);
    await bench.until(started.rolloutId, (s) => s.phase === "watching", "the watch");
    const { policy_sha256: policySha256 } = (await findRollout(bench.db, started.rolloutId))!;
    const { promise: isAsked, resolve: told } = Promise.withResolvers<void>();
    const temporal = {
      ...rolloutTemporal(bench.client, bench.taskQueue),
      requestAbort: (async (rollout, request) => {
        const to = { rolloutId: rollout.id, workflowId: rollout.workflow_id };
        await controlRollout(bench.client, to, "abort", request);
        told();
      }) satisfies RequestAbort,
    };
    const start = { scope: bench.scope, prompt: bench.prompt, number: 3, policySha256, by: "ann" };
    const { replacing } = await bench.db.transaction().execute(async (transaction) => {
      // Whoever holds the pointer holds its rollback up.
      await sql`select from sluice.pointers for update`.execute(transaction);
      const replacing = replaceRollout(bench.db, temporal, start, AbortSignal.timeout(50_000));
      const settled = replacing.then(
        () => undefined,
        () => undefined,
      );
      await isAsked;
      await Promise.race([settled, delay(2_000)]);
      return { replacing };
    });
    expect(await replacing).toMatchObject({ replaced: started.rolloutId, joined: false });
    expect(await ended(started.rolloutId)).toMatchObject({ outcome: "aborted" });
  });

  it("that comes while a watch is being ended is refused, and the promotion stands", async () => {
    traffic = bench.traffic(BETTER, stop.signal);
    const started = await bench.start(2, `watch: { for: 1s, holdback: 10% }\n${POLICY}`);
    await bench.until(started.rolloutId, (s) => s.phase === "watching", "the watch");
    const handle = bench.client.workflow.getHandle(started.workflowId);
    const undone = new Error("undo");
    // Whoever takes the operation's id holds the end in its middle.
    await bench.db
      .transaction()
      .execute(async (transaction) => {
        await sql`insert into sluice.operations (id, request_sha256, outcome)
          values (${`${started.workflowId}/${started.rolloutId}/end`}, '', 'null')`.execute(transaction);
        let events = 0;
        for (;;) {
          const history = await handle.fetchHistory();
          events = history.events!.filter(
            (event) => event.activityTaskScheduledEventAttributes?.activityType?.name === "endRollout",
          ).length;
          if (events > 0) break;
          await delay(50);
        }
        await expect(abort()).rejects.toMatchObject({
          code: "conflict",
          message: expect.stringContaining("is ending: promoted"),
        });
        throw undone;
      })
      .catch((error: unknown) => {
        if (error !== undone) throw error;
      });
    expect(await ended(started.rolloutId)).toMatchObject({ outcome: "promoted" });
  });

  it("that comes while a step is tried again ends aborted, with its reason and without a dead letter", async () => {
    // The gate cannot be opened: its table is away, and with it whatever the step would say in the end.
    await sql`alter table sluice.evaluations rename to evaluations_away`.execute(bench.db);
    await sql`create view sluice.evaluations as select * from sluice.evaluations_away
      where pg_sleep(1) is not null`.execute(bench.db);
    const started = await bench.start(2, GATE + POLICY);
    await bench.until(started.rolloutId, (s) => s.phase === "evaluating", "the gate");
    await abort();
    expect(await ended(started.rolloutId)).toMatchObject({
      outcome: "aborted",
      reason: "aborted by ann: wrong text",
    });
    await bench.client.workflow.getHandle(started.workflowId, started.runId).result();
    expect(await bench.db.selectFrom("dead_letters").select("operation").execute()).toEqual([]);
  });
});
