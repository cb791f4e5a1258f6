import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sql } from "kysely";
import { unavailable } from "../../src/domain/errors.ts";
import { openDatabase, type Database } from "../../src/storage/database.ts";
import { readAudit } from "../../src/storage/read/audit.ts";
import { findPointer } from "../../src/storage/read/pointer.ts";
import { findOpenRollout, findRollout } from "../../src/storage/read/rollout-row.ts";
import { joinRollout } from "../../src/storage/write/join-rollout.ts";
import { storeError } from "../../src/storage/store-error.ts";
import { controlRollout, rolloutTemporal } from "../../src/temporal/rollout-client.ts";
import type { RequestAbort } from "../../src/use-cases/abort-rollout.ts";
import { abortRollout } from "../../src/use-cases/abort-rollout.ts";
import { sweepAbandoned } from "../../src/use-cases/clear-abandoned.ts";
import { replaceRollout } from "../../src/use-cases/replace-rollout.ts";
import type { RolloutTemporal } from "../../src/protocol/rollout-temporal.ts";
import { startRollout } from "../../src/use-cases/start-rollout.ts";
import { startProxy } from "../resolver/support/tcp-proxy.ts";
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

describe("starting a rollout", () => {
  let bench: RolloutBench;
  let policySha256: string;
  beforeEach(async () => {
    bench = await createRolloutBench();
    await bench.seed();
    await bench.push(3);
  });
  afterEach(async () => {
    await bench.close();
  });
  /** The policy is stored by the first start that names its file. */
  const first = async (requestId?: string) => {
    const started = await bench.start(2, POLICY, requestId);
    policySha256 = (await findRollout(bench.db, started.rolloutId))!.policy_sha256;
    return started;
  };
  const asked = (number: number, requestId?: string) => ({
    scope: bench.scope,
    prompt: bench.prompt,
    number,
    policySha256,
    requestId,
    by: "ci",
    again: true,
  });
  const requestAbort: RequestAbort = (rollout, request) =>
    controlRollout(
      bench.client,
      { rolloutId: rollout.id, workflowId: rollout.workflow_id },
      "abort",
      request,
    );
  const replace = (number: number, requestId?: string, ask = requestAbort) =>
    replaceRollout(
      bench.db,
      { ...rolloutTemporal(bench.client, bench.taskQueue, 500), requestAbort: ask },
      asked(number, requestId),
      AbortSignal.timeout(50_000),
    );
  const rollouts = () =>
    bench.db.selectFrom("rollouts").select(["id", "outcome", "reason"]).orderBy("started_at").execute();
  /** Until somebody waits for a lock that another transaction holds, or this is over. */
  const waitingForLock = async (asking: Promise<unknown>) => {
    let isOver = false;
    void asking.catch(() => undefined).then(() => (isOver = true));
    const waiting = sql<{ n: number }>`select count(*)::int as n from pg_locks where locktype = 'advisory'
      and not granted and database = (select oid from pg_database where datname = current_database())`;
    while (!isOver && (await waiting.execute(bench.db)).rows[0]!.n === 0) await delay(20);
  };
  const canary = (rolloutId: string) => bench.until(rolloutId, (s) => s.phase === "canary", "the canary");

  it("is one rollout however often and at once it is asked, with a row from the receipt on", async () => {
    bench.startWorker();
    await first("ci-0");
    await bench.control("abort", { by: "ann" });
    await bench.until((await rollouts())[0]!.id, (s) => s.outcome !== null, "the end");
    const receipts = await Promise.all(
      Array.from({ length: 10 }, async (_, index) => {
        const receipt = await startRollout(
          bench.db,
          bench.starter,
          asked(2, index < 5 ? "ci-1" : `ci-${index}`),
        );
        expect(await findRollout(bench.db, receipt.rolloutId)).toMatchObject({ run_id: receipt.runId });
        return receipt;
      }),
    );
    expect(new Set(receipts.map(({ rolloutId, runId }) => `${rolloutId} ${runId}`)).size).toBe(1);
    expect(receipts.filter(({ joined }) => !joined)).toHaveLength(1);
    expect(await rollouts()).toHaveLength(2);
    const actions = await readAudit(bench.db, { rolloutId: receipts[0]!.rolloutId });
    expect(actions.filter(({ action }) => action === "rollout_started")).toHaveLength(1);
  });

  it("works for a tenant of the longest name there is, in any script, beside one that differs at its end", async () => {
    await first();
    bench.startWorker();
    const tenants = ["客", "戶"].map((last) => "租".repeat(511) + last);
    const ids = new Set<string>();
    for (const tenant of tenants) {
      const scope = { ...bench.scope, tenant };
      const started = await startRollout(bench.db, bench.starter, { ...asked(2), scope });
      await canary(started.rolloutId);
      const control = { rolloutId: started.rolloutId, workflowId: started.workflowId };
      expect(await controlRollout(bench.client, control, "pause", { by: "ann" })).toMatchObject({
        paused: true,
      });
      ids.add(started.workflowId);
    }
    expect(ids.size).toBe(2);
  });

  it("needs no worker for its receipt, and goes on when one comes", async () => {
    const started = await first();
    expect(await findRollout(bench.db, started.rolloutId)).toMatchObject({
      phase: "validating",
      outcome: null,
    });
    bench.startWorker();
    await canary(started.rolloutId);
  });

  it("that did not reach Temporal is gone on with by the same command, and is one rollout", async () => {
    await first("ci-1");
    await bench.client.workflow
      .getHandle((await findOpenRollout(bench.db, bench.scope))!.workflow_id)
      .terminate();
    const away: RolloutTemporal = {
      ...bench.starter,
      start: () => Promise.reject(unavailable("Temporal cannot be reached")),
    };
    await expect(startRollout(bench.db, away, asked(2, "ci-2"))).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("the same command again goes on with it"),
    });
    const row = (await findOpenRollout(bench.db, bench.scope))!;
    expect(row).toMatchObject({ run_id: null, request_id: "ci-2" });
    bench.startWorker();
    const again = await startRollout(bench.db, bench.starter, asked(2, "ci-2"));
    expect(again).toMatchObject({ rolloutId: row.id, joined: true });
    await canary(again.rolloutId);
  });

  it("by a request that failed before it ran starts anew, and one that ran, or was ended by somebody, gives its receipt for good", async () => {
    bench.startWorker();
    const ran = await first("ci-1");
    await canary(ran.rolloutId);
    await bench.control("abort", { by: "ann" });
    await bench.until(ran.rolloutId, (s) => s.outcome !== null, "the end");
    expect(await startRollout(bench.db, bench.starter, asked(2, "ci-1"))).toMatchObject({
      rolloutId: ran.rolloutId,
      joined: true,
    });
    // Taken back before its workflow was started: whoever asks again does not bring it back.
    await sql`update sluice.rollouts set run_id = null`.execute(bench.db);
    expect(await startRollout(bench.db, bench.starter, asked(2, "ci-1"))).toMatchObject({
      rolloutId: ran.rolloutId,
      runId: null,
      joined: true,
    });
    // Its workflow was never started, and the sweep has ended it.
    await sql`update sluice.rollouts set outcome = 'failed'`.execute(bench.db);
    expect(await startRollout(bench.db, bench.starter, asked(2, "ci-1"))).toMatchObject({ joined: false });
  });

  it("by a request that was given a running one gives that for good, and starts anew only if it failed before it ran", async () => {
    bench.startWorker();
    const running = await first("ci-1");
    await canary(running.rolloutId);
    const given = { rolloutId: running.rolloutId, joined: true };
    expect(await startRollout(bench.db, bench.starter, asked(2, "ci-2"))).toMatchObject(given);
    expect(await replace(2, "ci-3")).toMatchObject({ ...given, replaced: null });
    await bench.control("abort", { by: "ann" });
    await bench.until(running.rolloutId, (s) => s.outcome !== null, "the end");
    expect(await startRollout(bench.db, bench.starter, asked(2, "ci-2"))).toMatchObject(given);
    expect(await replace(2, "ci-3")).toMatchObject({ ...given, replaced: null });
    // Another version under the same name is another request.
    const other = await startRollout(bench.db, bench.starter, asked(3, "ci-2"));
    expect(other).toMatchObject({ joined: false });
    await bench.control("abort", { by: "ann" });
    await bench.until(other.rolloutId, (s) => s.outcome !== null, "the end of the other");
    await sql`update sluice.rollouts set outcome = 'failed', run_id = null where id = ${running.rolloutId}`.execute(
      bench.db,
    );
    expect(await startRollout(bench.db, bench.starter, asked(2, "ci-2"))).toMatchObject({ joined: false });
    expect(await rollouts()).toHaveLength(3);
  });

  it("by a request that is asked twice as what it is given ends gives both the same", async () => {
    bench.startWorker();
    const running = await first("ci-1");
    await canary(running.rolloutId);
    const row = (await findRollout(bench.db, running.rolloutId))!;
    const requested = {
      scope: bench.scope,
      requestId: "ci-2",
      candidateVersion: row.candidate_version,
      policySha256,
    };
    const second = await bench.db.transaction().execute(async (transaction) => {
      expect(await joinRollout(transaction, requested, row)).toMatchObject({ id: row.id });
      // Noted, and not committed yet.
      await bench.control("abort", { by: "ann" });
      await bench.until(running.rolloutId, (s) => s.outcome !== null, "the end");
      const asking = startRollout(bench.db, bench.starter, asked(2, "ci-2"));
      await waitingForLock(asking);
      return { asking };
    });
    expect(await second.asking).toMatchObject({ rolloutId: running.rolloutId, joined: true });
    expect(await rollouts()).toHaveLength(1);
  });

  it("in the place of a running one, with a request id, is done once and refused never", async () => {
    bench.startWorker();
    const before = await first("ci-1");
    await canary(before.rolloutId);
    // Another start is refused, which must not be what the same request is answered with later.
    await expect(startRollout(bench.db, bench.starter, asked(3, "ci-1"))).rejects.toMatchObject({
      code: "conflict",
      details: { rolloutId: before.rolloutId },
    });
    const replaced = await replace(3, "ci-1");
    expect(replaced).toMatchObject({ joined: false, replaced: before.rolloutId });
    expect(await replace(3, "ci-1")).toMatchObject({ rolloutId: replaced.rolloutId, joined: true });
    await canary(replaced.rolloutId);
    expect((await rollouts()).map(({ outcome }) => outcome)).toEqual(["aborted", null]);
  });

  it("in the place of one that ends by itself meanwhile is no obstacle, ten times at once neither", async () => {
    bench.startWorker();
    const before = await first();
    await canary(before.rolloutId);
    const all = await Promise.all([
      bench.control("abort", { by: "ann" }).catch(() => undefined),
      ...Array.from({ length: 10 }, (_, index) => replace(3, `ci-${index}`)),
    ]);
    const ids = new Set(all.slice(1).map((one) => (one as { rolloutId: string }).rolloutId));
    expect(ids.size).toBe(1);
    expect((await rollouts()).map(({ outcome }) => outcome)).toEqual(["aborted", null]);
  });

  it("in the place of one whose workflow does not answer ends that in the database", async () => {
    bench.startWorker();
    const before = await first();
    await canary(before.rolloutId);
    await bench.stopWorker();
    const silent: RequestAbort = () => Promise.reject(unavailable("Temporal did not answer in time"));
    const replaced = await replace(3, "ci-1", silent);
    expect(replaced.replaced).toBe(before.rolloutId);
    expect(await findRollout(bench.db, before.rolloutId)).toMatchObject({
      outcome: "aborted",
      reason: expect.stringContaining(`replaced by ${bench.prompt}@3`),
    });
    expect(await findPointer(bench.db, bench.scope)).toMatchObject({
      candidate_version: null,
      rollout_id: replaced.rolloutId,
    });
    bench.startWorker();
    await canary(replaced.rolloutId);
  });

  it("and aborting it without an answer leaves a workflow that finds its end when it comes back", async () => {
    bench.startWorker();
    const started = await first();
    await canary(started.rolloutId);
    await bench.stopWorker();
    const row = (await findRollout(bench.db, started.rolloutId))!;
    const silent: RequestAbort = () => Promise.reject(unavailable("Temporal did not answer in time"));
    const request = { by: "ann", reason: "wrong text" };
    expect(await abortRollout(bench.db, row, request, silent)).toMatchObject({ outcome: "aborted" });
    expect(await findPointer(bench.db, bench.scope)).toMatchObject({
      candidate_version: null,
      rollout_id: null,
    });
    bench.startWorker();
    const handle = bench.client.workflow.getHandle(started.workflowId, started.runId);
    expect(await handle.result()).toMatchObject({ outcome: "aborted", reason: "aborted by ann: wrong text" });
  });

  it("that is replaced before its own workflow begins is told so, and is nobody else's installation", async () => {
    const before = await first("ci-0");
    bench.startWorker();
    await canary(before.rolloutId);
    let replaced: Promise<unknown> | undefined;
    const overtaken: RolloutTemporal = {
      ...bench.starter,
      async start(...given) {
        // Between its row and its workflow somebody else replaces it.
        replaced = replace(2, "ci-2");
        await replaced;
        return bench.starter.start(...given);
      },
    };
    const receipt = await replaceRollout(
      bench.db,
      { ...overtaken, requestAbort },
      asked(3, "ci-1"),
      AbortSignal.timeout(50_000),
    );
    expect(receipt).toMatchObject({ runId: null });
    expect(await findRollout(bench.db, receipt.rolloutId)).toMatchObject({
      outcome: "aborted",
      reason: expect.stringContaining("replaced by"),
    });
    expect((await rollouts()).map(({ outcome }) => outcome)).toEqual(["aborted", "aborted", null]);
  });

  it("that cannot begin is a row with the reason, and a dead letter that says what to start", async () => {
    const started = await first();
    await sql`update sluice.rollouts set policy = '{}'`.execute(bench.db);
    bench.startWorker();
    await bench.client.workflow.getHandle(started.workflowId, started.runId).result();
    expect(await findRollout(bench.db, started.rolloutId)).toMatchObject({
      outcome: "failed",
      reason: expect.stringContaining("undefined"),
    });
    expect(await bench.db.selectFrom("dead_letters").selectAll().execute()).toMatchObject([
      {
        operation: "rollout:validating",
        prompt: bench.prompt,
        rollout_id: started.rolloutId,
        payload: { candidateVersion: expect.any(String), policySha256, scope: { prompt: bench.prompt } },
      },
    ]);
  });

  describe("while Postgres goes away in its middle", () => {
    let proxy: Awaited<ReturnType<typeof startProxy>>;
    let db: Database;
    beforeEach(async () => {
      proxy = await startProxy(bench.databaseUrl);
      db = openDatabase(proxy.url);
      // Stores the policy, and leaves nothing that runs.
      const { workflowId } = await first();
      await bench.client.workflow.getHandle(workflowId).terminate();
      await sweepAbandoned(bench.db, bench.starter, { olderThanMs: 0 });
      bench.startWorker();
    });
    afterEach(async () => {
      await db.destroy();
      await proxy.close();
    });
    const newest = async () => (await rollouts()).slice(1);
    const starts = async (rolloutId: string) =>
      (await readAudit(bench.db, { rolloutId })).filter(({ action }) => action === "rollout_started").length;

    it("is one rollout, and known as started, when it goes away between the row and the workflow", async () => {
      const cut: RolloutTemporal = {
        ...bench.starter,
        async start(...given) {
          proxy.refuse();
          return bench.starter.start(...given);
        },
      };
      // What is not sure is not said to be done.
      const failed = await startRollout(db, cut, asked(2, "ci-9")).catch((error: unknown) => error);
      expect(storeError(proxy.url, failed)).toMatchObject({ code: "unavailable" });
      const [row] = await newest();
      expect(row).toMatchObject({ outcome: null });
      // It goes on without whoever started it, and the same command again finds it.
      await canary(row!.id);
      proxy.accept();
      const again = await startRollout(db, bench.starter, asked(2, "ci-9"));
      expect(again).toMatchObject({ rolloutId: row!.id, joined: true });
      expect(again.runId).toBe((await findRollout(bench.db, row!.id))!.run_id);
      expect(await newest()).toHaveLength(1);
      expect(await starts(row!.id)).toBe(1);
    });

    it("answers as if nothing had been when only an acknowledgement was lost", async () => {
      // The first commit is that of the row: the policy is stored already.
      const lose: RolloutTemporal = {
        ...bench.starter,
        async place() {
          const place = await bench.starter.place();
          proxy.loseAnswerTo("commit");
          return place;
        },
      };
      const started = await startRollout(db, lose, asked(2, "ci-9"));
      expect(proxy.answersLost).toBe(1);
      expect(await newest()).toMatchObject([{ id: started.rolloutId, outcome: null }]);
      expect(await starts(started.rolloutId)).toBe(1);
      await canary(started.rolloutId);
    });

    it("in the place of another is done by the same command again, when it goes away after the abort", async () => {
      const before = await startRollout(db, bench.starter, asked(2, "ci-8"));
      await canary(before.rolloutId);
      const cut: RequestAbort = async (rollout, request) => {
        const answer = await requestAbort(rollout, request);
        proxy.refuse();
        return answer;
      };
      const replacing = (ask: RequestAbort) =>
        replaceRollout(
          db,
          { ...bench.starter, requestAbort: ask },
          asked(3, "ci-9"),
          AbortSignal.timeout(50_000),
        );
      const failed = await replacing(cut).catch((error: unknown) => error);
      expect(storeError(proxy.url, failed)).toMatchObject({ code: "unavailable" });
      await bench.until(before.rolloutId, ({ outcome }) => outcome === "aborted", "the end");
      expect(await findPointer(bench.db, bench.scope)).toMatchObject({ mode: null, rollout_id: null });
      proxy.accept();
      const replaced = await replacing(requestAbort);
      await canary(replaced.rolloutId);
      expect((await newest()).map(({ outcome }) => outcome)).toEqual(["aborted", null]);
      expect(await starts(replaced.rolloutId)).toBe(1);
    });
  });
});
