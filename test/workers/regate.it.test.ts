import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { ScheduleNotFoundError } from "@temporalio/client";
import { sql } from "kysely";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createSluice, type Sluice } from "../../src/index.ts";
import { regateScheduleId } from "../../src/protocol/schedules.ts";
import { evaluationWorkflowId, triageWorkflowId, WORKFLOW } from "../../src/protocol/names.ts";
import type { ConcludedRegate } from "../../src/protocol/monitor-values.ts";
import { readMonitored } from "../../src/storage/read/monitored.ts";
import { transact } from "../../src/storage/transact.ts";
import { openAlert, resolveAlert } from "../../src/storage/write/alerts.ts";
import { closeEvaluation } from "../../src/storage/write/open-evaluation.ts";
import { beginTriages } from "../../src/use-cases/begin-triages.ts";
import { openTriage } from "../../src/use-cases/open-triage.ts";
import { watchMonitors } from "../../src/use-cases/watch-monitors.ts";
import { untilChildIsRefused } from "../support/refused-child.ts";
import { createRolloutBench, keepWorkflowHistory, type RolloutBench } from "../support/rollout-bench.ts";
import { randomTaskQueue } from "../support/temporal.ts";

const CASES = 40;
const WAIT = { timeout: 60_000 };

/** A vendor's model under one name, which repeats what it is told, but for so many of the cases; of one version, or of all. */
const vendor = { wrong: 0, wrongTo: "", asked: 0 };
const server = createServer((request, response) => {
  void json(request).then((body) => {
    vendor.asked++;
    const [version, words] = (body as { messages: { content: string }[] }).messages.map(
      ({ content }) => content,
    ) as [string, string];
    const isWrong = version.includes(vendor.wrongTo) && Number(/case-(\d+)/.exec(words)![1]) < vendor.wrong;
    const message = { role: "assistant", content: isWrong ? "I would rather not." : words };
    response.setHeader("content-type", "application/json");
    response.end(
      JSON.stringify({
        id: "1",
        object: "chat.completion",
        created: 1,
        model: "gpt-4.1-mini",
        choices: [{ index: 0, message, finish_reason: "stop" }],
        usage: { prompt_tokens: 20, completion_tokens: 5, total_tokens: 25 },
      }),
    );
  });
});

let bench: RolloutBench;
let sluice: Sluice;
beforeAll(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  bench = await createRolloutBench({ vendor: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
  sluice = createSluice({ databaseUrl: bench.databaseUrl, actor: "anna" });
  await push(1);
  bench.startWorker({ withSchedules: true });
}, 60_000);
afterAll(async () => {
  await sluice.close();
  await bench.close();
  server.close();
  server.closeAllConnections();
});

async function push(number: number) {
  const cases = Array.from({ length: CASES }, (_, index) => ({
    vars: { words: `case-${index} of many` },
    assert: [{ type: "contains", value: `case-${index} ` }],
  }));
  const policy = {
    gate: { dataset: "cases.yaml" },
    canary: { goal: { metric: "rating", direction: "higher", margin: 0.1 } },
    notify: [{ webhook: "https://hooks.example/x" }],
  };
  const file = JSON.stringify({
    name: bench.prompt,
    model: "openai/gpt-4.1-mini",
    params: { max_tokens: 100 },
    variables: { words: { type: "string", required: true } },
    messages: [
      { role: "system", content: `You are number ${number}.` },
      { role: "user", content: "{{ words }}" },
    ],
  });
  await sluice.push({ file, policy, dataset: cases });
  const held = (await sluice.pointers(bench.prompt)).find(({ label }) => label === "production");
  await sluice.setPointer({
    version: `${bench.prompt}@${number}`,
    expectedRevision: held?.revision ?? 0,
    reason: "by hand",
    force: true,
  });
}
const set = (monitors: unknown) =>
  sluice.setMonitors({ prompt: bench.prompt, label: "production", monitors });
const monitor = async () =>
  (await sluice.monitors({ prompt: bench.prompt })).monitors.find(({ name }) => name === "regate");
const schedule = (id: string) => bench.client.schedule.getHandle(regateScheduleId(id));
const alerts = (all = false) => sluice.alerts({ prompt: bench.prompt, all });

/** One run as the clock would begin it, to its end. */
async function runOnce(id: string): Promise<ConcludedRegate> {
  // While Temporal thinks that the one before goes on, another is left out.
  await expect.poll(async () => (await schedule(id).describe()).info.runningActions, WAIT).toEqual([]);
  const before = (await schedule(id).describe()).info.numActionsTaken;
  await schedule(id).trigger();
  return endOfRun(id, before);
}
async function endOfRun(id: string, before: number): Promise<ConcludedRegate> {
  await expect
    .poll(async () => (await schedule(id).describe()).info.numActionsTaken, WAIT)
    .toBeGreaterThan(before);
  const { workflowId, firstExecutionRunId } = (await schedule(id).describe()).info.recentActions.at(-1)!
    .action.workflow;
  return bench.client.workflow
    .getHandle(workflowId, firstExecutionRunId)
    .result() as Promise<ConcludedRegate>;
}

const errorMonitor = async () => (await readMonitored(bench.db)).find(({ name }) => name === "errors")!;

/** An alert as a look opens it. */
async function ring(): Promise<string> {
  await watchMonitors(bench.db, { log: () => undefined, everyMs: 0 });
  const errors = await errorMonitor();
  const evidence = { metric: "error", x: 9, n: 10, usual: 0.01, accepted: 0.02 };
  const versionId = errors.version_id!;
  const id = await transact(bench.db, (transaction) =>
    openAlert(transaction, {
      monitor: errors,
      versionId,
      kind: "rate",
      since: new Date(),
      evidence,
      triage: null,
    }),
  );
  return id!;
}

it("asks nothing unless somebody sets it, and then has a schedule that fits what is set", async () => {
  expect(await monitor()).toBeUndefined();
  await set({ regate: { every: "1d", at: "03:30", max_cost_usd: 1 } });
  const { id } = (await monitor())!;
  await expect.poll(async () => (await monitor())!.state, WAIT).toBe("watching");
  // The reference, five times over, and once: what has gone live is asked at once.
  expect(vendor.asked).toBe(5 * CASES);
  const { spec, policies, state, action } = await schedule(id).describe();
  expect(spec.intervals).toEqual([{ every: 86_400_000, offset: 3.5 * 3_600_000 }]);
  expect(policies).toMatchObject({ overlap: "SKIP", catchupWindow: 3_600_000, pauseOnFailure: true });
  expect(state.paused).toBe(false);
  expect(action).toMatchObject({ workflowType: "regate", args: [{ monitorId: id }] });
  expect((await monitor())!.regate).toMatchObject({ referencePassRate: 1, passRate: null, problem: null });
}, 90_000);

it("asks the live version once, takes nothing over from before, and tells of a model that has changed", async () => {
  const { id } = (await monitor())!;
  vendor.asked = 0;
  // One case of forty is chance.
  vendor.wrong = 1;
  expect(await runOnce(id)).toMatchObject({ verdict: "unchanged", cases: CASES });
  expect(vendor.asked).toBe(CASES);
  expect(await alerts()).toEqual([]);
  vendor.wrong = 20;
  expect(await runOnce(id)).toMatchObject({ verdict: "worse", cases: CASES });
  expect(vendor.asked).toBe(2 * CASES);
  const [alert] = await alerts();
  expect(alert).toMatchObject({
    kind: "drift",
    monitor: "regate",
    version: `${bench.prompt}@1`,
    evidence: { passRate: 0.5, referencePassRate: 1, cases: CASES },
    triage: { cause: "model" },
    message: expect.stringMatching(
      /^\S+@1 in production answers its own tests worse than it did: 50 % of 40 cases pass, it was 100 %/,
    ) as string,
  });
  expect((await monitor())!).toMatchObject({ state: "alert", regate: { passRate: 0.5 } });
  const { workflowId } = (await schedule(id).describe()).info.recentActions.at(-1)!.action.workflow;
  await keepWorkflowHistory(bench.client, workflowId, "regate-finds-a-model-that-has-changed");
  const told = await sql<{ content: { kind: string } }>`
    select content from sluice.notifications where event = 'alert'`.execute(bench.db);
  expect(told.rows.map(({ content }) => content.kind)).toEqual(["drift"]);

  // Still so the next day: one alert, told no second time by that; then it is over.
  expect(await runOnce(id)).toMatchObject({ verdict: "worse" });
  expect((await alerts()).map((one) => one.id)).toEqual([alert!.id]);
  vendor.wrong = 0;
  expect(await runOnce(id)).toMatchObject({ verdict: "unchanged" });
  expect(await alerts()).toEqual([]);
  expect((await alerts(true))[0]).toMatchObject({
    id: alert!.id,
    resolution: "its tests pass as before: 100 % of 40",
  });
}, 120_000);

it("ends the alert with the version that it is of, and asks the next one for a reference of its own", async () => {
  const { id } = (await monitor())!;
  vendor.wrong = 20;
  expect(await runOnce(id)).toMatchObject({ verdict: "worse" });
  const before = (await schedule(id).describe()).info.numActionsTaken;
  vendor.asked = 0;
  await push(2);
  expect(await endOfRun(id, before)).toMatchObject({ verdict: "reference" });
  expect(vendor.asked).toBe(5 * CASES);
  await watchMonitors(bench.db, { log: () => undefined, everyMs: 0 });
  expect(await alerts()).toEqual([]);
  expect((await monitor())!).toMatchObject({ state: "watching", regate: { referencePassRate: 0.5 } });
}, 120_000);

it("pauses where a run fails, says why, and goes on once it is set again", async () => {
  const { id } = (await monitor())!;
  await set({ regate: { max_cost_usd: 0.000_1 } });
  await expect
    .poll(async () => (await schedule(id).describe()).spec.intervals?.[0]?.offset, WAIT)
    .toBe(3 * 3_600_000);
  vendor.asked = 0;
  await expect(runOnce(id)).rejects.toThrow(/failed/);
  expect(vendor.asked).toBeLessThan(CASES);
  await expect.poll(async () => (await schedule(id).describe()).state.paused, WAIT).toBe(true);
  const { state, regate } = (await monitor())!;
  expect(state).toBe("paused");
  expect(regate!.problem).toMatch(/^\d+ of 40 answers came: /);
  await set({ regate: { max_cost_usd: 1 } });
  await expect.poll(async () => (await schedule(id).describe()).state.paused, WAIT).toBe(false);
  expect(await runOnce(id)).toMatchObject({ verdict: "unchanged" });
}, 120_000);

it("has the tests of both versions asked when an alert opens, once, whatever becomes of workers, and goes back where that is set", async () => {
  const { id } = (await monitor())!;
  await set({ regate: { max_cost_usd: 1 }, action: "rollback" });
  // Version 2 answered every second case when it went live; now none.
  vendor.wrong = CASES;
  vendor.wrongTo = "number 2";
  vendor.asked = 0;
  const alertId = await ring();
  await bench.stopWorker();
  await beginTriages(bench.db, bench.starter);
  bench.startWorker();
  const workflow = bench.client.workflow.getHandle(triageWorkflowId(alertId));
  expect(await workflow.result()).toMatchObject({ verdict: "version" });
  expect(vendor.asked).toBe(2 * CASES);
  await keepWorkflowHistory(bench.client, triageWorkflowId(alertId), "an-alert-has-both-versions-tested");
  expect((await alerts())[0]!.triage).toMatchObject({
    cause: "version",
    tests: {
      live: { version: `${bench.prompt}@2`, passRate: 0, referencePassRate: 0.5 },
      previous: { version: `${bench.prompt}@1`, passRate: 1, referencePassRate: 1 },
      rollback: { done: true },
    },
  });
  expect((await sluice.pointers(bench.prompt))[0]!.active).toBe(`${bench.prompt}@1`);
  expect((await schedule(id).describe()).state.paused).toBe(false);
}, 120_000);

it("waits for the tests that a terminated one has left open, and asks them then", async () => {
  vendor.wrong = 0;
  await set({ regate: { max_cost_usd: 1 } });
  const alertId = await ring();
  await bench.stopWorker();
  await beginTriages(bench.db, bench.starter);
  const workflowId = triageWorkflowId(alertId);
  const { workflow } = bench.client;
  await workflow.getHandle(workflowId).terminate("by an operator");
  const opened = await openTriage(bench.db, alertId, () => bench.starter.place());
  if (!opened.opened) throw new Error(opened.reason);
  const [evaluationId] = opened.evaluationIds;
  // At a queue that nobody works at, what is left stays open for as long as it is to.
  const left = await workflow.start(WORKFLOW.evaluation, {
    workflowId: evaluationWorkflowId(evaluationId!),
    taskQueue: randomTaskQueue(),
    args: [{ evaluationId, alone: true }],
  });
  await beginTriages(bench.db, bench.starter, { quietMs: 0 });
  bench.startWorker();
  await untilChildIsRefused(bench.client, workflowId, left.workflowId);
  // As a worker ends one that Temporal has cancelled.
  await closeEvaluation(bench.db, evaluationId!, "cancelled in Temporal");
  await left.terminate("as its worker");
  expect(await workflow.getHandle(workflowId).result()).toMatchObject({ verdict: expect.any(String) });
  expect((await alerts())[0]!.triage).toMatchObject({ tests: { state: "told", live: { cases: CASES } } });
  await keepWorkflowHistory(bench.client, workflowId, "a-triage-waits-for-tests-that-were-left");
  const over = { id: alertId, monitor: await errorMonitor(), resolution: "it is over" };
  await transact(bench.db, (transaction) => resolveAlert(transaction, over));
}, 120_000);

it("says with the alert why tests could not be asked, and lets what is done by the clock go on", async () => {
  const { id } = (await monitor())!;
  vendor.wrong = 0;
  await set({ regate: { max_cost_usd: 0.000_1 } });
  const alertId = await ring();
  await beginTriages(bench.db, bench.starter);
  await expect(bench.client.workflow.getHandle(triageWorkflowId(alertId)).result()).rejects.toThrow(/failed/);
  expect((await alerts())[0]!.triage).toMatchObject({
    tests: {
      state: "failed",
      problem: expect.stringMatching(/^\d+ of 40 answers came of \S+@1: /) as string,
    },
  });
  expect((await schedule(id).describe()).state.paused).toBe(false);
}, 120_000);

it("has its schedule removed with the setting", async () => {
  await bench.stopWorker();
  bench.startWorker({ withSchedules: true });
  const { id } = (await monitor())!;
  await set({});
  await expect
    .poll(
      () =>
        schedule(id)
          .describe()
          .then(
            () => "there",
            (error: unknown) => (error instanceof ScheduleNotFoundError ? "gone" : error),
          ),
      WAIT,
    )
    .toBe("gone");
  expect((await monitor())!.state).toBe("off");
}, 90_000);
