import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { createSluice, type Sluice } from "../../src/index.ts";
import type { RegateReference } from "../../src/domain/monitors/regate.ts";
import type { AlertKind } from "../../src/domain/shapes/monitors.ts";
import { type Database, openDatabase } from "../../src/storage/database.ts";
import { promptPolicySha256 } from "../../src/storage/read/document.ts";
import { readMonitored } from "../../src/storage/read/monitored.ts";
import { findTriage } from "../../src/storage/read/triages.ts";
import { transact } from "../../src/storage/transact.ts";
import { openAlert } from "../../src/storage/write/alerts.ts";
import { beginRollout } from "../../src/storage/write/begin-rollout.ts";
import { saveEvaluationResult } from "../../src/storage/write/record-evaluation.ts";
import { endRegate, openRegate } from "../../src/storage/write/regates.ts";
import { beginTriages } from "../../src/use-cases/begin-triages.ts";
import { concludeTriage, saveTriageProblem } from "../../src/use-cases/conclude-triage.ts";
import { ownPolicy } from "../../src/use-cases/load-policy-document.ts";
import { openTriage } from "../../src/use-cases/open-triage.ts";
import { watchMonitors } from "../../src/use-cases/watch-monitors.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";

const CASES = 40;
const PLACE = () => Promise.resolve({ namespace: "n", namespaceId: "i" });

let database: TestDatabase;
let db: Database;
let sluice: Sluice;
/** Of greet@1 and greet@2, whose previous one that is. */
const versions: string[] = [];
/** What Temporal was asked to start, and whether it runs. */
const temporal = {
  started: [] as string[],
  runs: true,
  startTriage: ({ alertId }: { readonly alertId: string }) =>
    Promise.resolve(void temporal.started.push(alertId)),
  triageRuns: () => Promise.resolve(temporal.runs),
};

beforeAll(async () => {
  database = await createTestDatabase();
  db = openDatabase(database.url, { max: 4 });
  sluice = createSluice({ databaseUrl: database.url, actor: "anna" });
  for (const number of [1, 2]) await push(number);
  await watchMonitors(db, { log: () => undefined, everyMs: 0 });
});
afterAll(async () => {
  await sluice.close();
  await db.destroy();
  await database.drop();
});
beforeEach(async () => {
  temporal.started = [];
  temporal.runs = true;
  await sql`update sluice.alerts set resolved_at = clock_timestamp() where resolved_at is null`.execute(db);
  await sql`update sluice.triages set ended_at = clock_timestamp() where ended_at is null`.execute(db);
  await serve(1);
  await serve(2);
  await set({ regate: { max_cost_usd: 1 } });
});

async function push(number: number) {
  const policy = {
    gate: { dataset: "cases.yaml" },
    canary: { goal: { metric: "rating", direction: "higher", margin: 0.1 } },
    notify: [{ webhook: "https://hooks.example/x" }],
  };
  const dataset = Array.from({ length: CASES }, (_, index) => ({
    vars: {},
    assert: [{ type: "contains", value: `case-${index}` }],
  }));
  const messages = [{ role: "user", content: `Hi ${number}` }];
  const file = JSON.stringify({ name: "greet", model: "openai/gpt-5-mini", messages });
  versions.push((await sluice.push({ file, policy, dataset })).versionId);
  await serve(number);
}
async function serve(number: number) {
  const held = (await sluice.pointers("greet")).find(({ label }) => label === "production");
  const expectedRevision = held?.revision ?? 0;
  await sluice.setPointer({ version: `greet@${number}`, expectedRevision, reason: "by hand", force: true });
}
const live = async () => (await sluice.pointers("greet")).find(({ label }) => label === "production")!.active;
const set = (monitors: unknown) => sluice.setMonitors({ prompt: "greet", label: "production", monitors });

/** An alert as a look opens it. */
async function ring(monitor = "errors", kind: AlertKind = "rate") {
  const found = (await readMonitored(db)).find(({ name }) => name === monitor)!;
  const id = await transact(db, (transaction) =>
    openAlert(transaction, {
      monitor: found,
      versionId: found.version_id!,
      kind,
      since: new Date(),
      evidence: { metric: "error", x: 9, n: 10, usual: 0.01, accepted: 0.02 },
      triage: { cause: "unknown", says: ["None of 2 other prompts has risen."] },
    }),
  );
  return id!;
}
const begin = () => beginTriages(db, temporal);
const alert = async (id: string) => (await sluice.alerts({ all: true })).find((one) => one.id === id)!;

const shares = (passing: number) =>
  Array.from({ length: CASES }, (_, index) => [Number(index < passing), 1] as const);
/** What a version answered when it went live. */
async function refer(versionId: string, alertId: string, passing: number) {
  const { regate_id: monitorId, asked_sha256: askedSha256 } = (await findTriage(db, alertId))!;
  const result: RegateReference = { cases: CASES, passRate: passing / CASES, shares: shares(passing) };
  const runId = crypto.randomUUID();
  const opened = { monitorId, versionId, runId, kind: "reference", askedSha256, referenceId: null } as const;
  const id = await transact(db, (transaction) => openRegate(transaction, opened));
  await endRegate(db, id, { result });
}
/** What it answers today. */
async function answer(evaluationId: string, passing: number, answered = CASES) {
  for (let caseIndex = 0; caseIndex < answered; caseIndex++)
    await saveEvaluationResult(
      db,
      evaluationId,
      {
        arm: "candidate",
        caseIndex,
        repeat: 0,
        pass: caseIndex < passing,
        score: Number(caseIndex < passing),
        assertions: [],
        error: null,
        output: "",
        tokens: { input: 1, output: 1 },
        costUsd: 0,
        latencyMs: 1,
      },
      undefined,
    );
}
const conclude = (alertId: string) =>
  concludeTriage(db, {
    alertId,
    cases: CASES,
    firstEqual: Array.from({ length: CASES }, (_, index) => index),
  });
/** An alert whose tests say that the live version alone has got worse. */
async function worseAlone() {
  const id = await ring();
  await begin();
  await openTriage(db, id, PLACE);
  await refer(versions[1]!, id, 40);
  await refer(versions[0]!, id, 40);
  const { live_evaluation: now, previous_evaluation: before } = (await findTriage(db, id))!;
  await answer(now, 10);
  await answer(before, 40);
  return id;
}

it("asks once for an alert, for one of a scope at a time, and only where that is set", async () => {
  await set({ errors: {} });
  const first = await ring();
  expect(await begin()).toEqual([]);
  await set({ regate: { max_cost_usd: 1, triage: false } });
  expect(await begin()).toEqual([]);
  await set({ regate: { max_cost_usd: 1 } });
  const second = await ring("refusals");
  // Two workers look at the same time.
  const both = await Promise.all([begin(), begin()]);
  expect(both.flat()).toEqual(["greet@2"]);
  expect(await begin()).toEqual([]);
  expect(temporal.started).toEqual([first]);
  expect((await alert(first)).triage).toEqual({
    cause: "unknown",
    says: [
      "None of 2 other prompts has risen.",
      "Its tests are being asked again, to tell the version from the vendor's model.",
    ],
    tests: { state: "asking", live: null, previous: null, problem: null, rollback: null },
  });
  await saveTriageProblem(db, first, "the vendor is away");
  // What was asked for one of a scope and version is said of all that are open.
  for (const id of [first, second])
    expect((await alert(id)).triage).toMatchObject({
      tests: { state: "failed", problem: "the vendor is away" },
      says: expect.arrayContaining(["Its tests could not be asked again: the vendor is away."]) as unknown,
    });
  expect(await begin()).toEqual([]);
  // An alert that opens later has its own.
  const later = await ring("format");
  expect(await begin()).toEqual(["greet@2"]);
  expect(temporal.started).toEqual([first, later]);
});

it("asks nothing for what a day has cost, for a change that its tests have shown, or for what is not live any more", async () => {
  await ring("slow", "cost");
  await ring("costly", "drift");
  const old = await ring();
  await serve(1);
  expect(await begin()).toEqual([]);
  expect((await alert(old)).triage).not.toHaveProperty("tests");
});

it("starts a workflow again that somebody has terminated, and no second one where it runs", async () => {
  const id = await ring();
  await begin();
  await beginTriages(db, temporal, { quietMs: 0 });
  expect(temporal.started).toEqual([id]);
  temporal.runs = false;
  await beginTriages(db, temporal, { quietMs: 0 });
  expect(temporal.started).toEqual([id, id]);
});

it("opens the same two evaluations however often it is asked, which share what a run may cost", async () => {
  const id = await ring();
  await begin();
  const opened = await openTriage(db, id, PLACE);
  expect(await openTriage(db, id, PLACE)).toEqual(opened);
  const { live_evaluation: now, previous_evaluation: before } = (await findTriage(db, id))!;
  expect(opened).toEqual({ opened: true, evaluationIds: [now, before], version: "greet@2" });
  const { rows } = await sql<{ version: string; budget: number; baseline: string | null }>`
    select candidate_version as version, (gate ->> 'max_cost_usd')::float8 as budget, baseline_version as baseline
    from sluice.evaluations where id in (${now}::uuid, ${before}::uuid)`.execute(db);
  expect(rows.map(({ version }) => version).toSorted()).toEqual([...versions].toSorted());
  expect(rows.map(({ budget, baseline }) => [budget, baseline])).toEqual([
    [0.5, null],
    [0.5, null],
  ]);
});

it("says what services send otherwise, where what they send has changed", async () => {
  await sql`insert into sluice.caller_values (prompt, day, label, service, tenant, kind, name, types, longest, calls)
    select 'greet', (clock_timestamp() at time zone 'utc')::date - days, label, 'web', tenant, kind, name, types, longest, 9
    from (values
      (3, 'production', '', 'call', '', '{}'::text[], 0), (3, 'production', '', 'variable', 'question', '{string}', 64),
      (0, 'production', '', 'call', '', '{}', 0), (0, 'production', '', 'variable', 'question', '{string}', 512),
      (0, 'staging', '', 'variable', 'other', '{string}', 1), (40, 'production', '', 'variable', 'question', '{string}', 4096)
    ) as sent (days, label, tenant, kind, name, types, longest)`.execute(db);
  const id = await ring();
  await begin();
  await openTriage(db, id, PLACE);
  await refer(versions[1]!, id, 40);
  const { live_evaluation: now, previous_evaluation: before } = (await findTriage(db, id))!;
  await answer(now, 40);
  await answer(before, 40);
  expect(await conclude(id)).toMatchObject({ verdict: "traffic" });
  expect((await alert(id)).triage?.says.at(-1)).toBe(
    "What is known of that: question of web is up to 512 long, it was up to 64.",
  );
});

it("keeps with the alert whose doing it is, by which numbers, and tells the webhooks once more", async () => {
  const id = await worseAlone();
  expect(await conclude(id)).toMatchObject({ verdict: "version" });
  const told = await alert(id);
  const { live_evaluation: now, previous_evaluation: before } = (await findTriage(db, id))!;
  expect(told.triage).toEqual({
    cause: "version",
    says: [
      "greet@2 alone answers its tests worse: a rollback to greet@1 would help.",
      "Its tests were asked again: 25 % of 40 cases pass, it was 100 %; of greet@1, which was live before it, 100 % of 40 cases pass, it was 100 %.",
    ],
    tests: {
      state: "told",
      live: {
        version: "greet@2",
        evaluationId: now,
        cases: CASES,
        passRate: expect.closeTo(0.25) as number,
        referencePassRate: 1,
      },
      previous: { version: "greet@1", evaluationId: before, cases: CASES, passRate: 1, referencePassRate: 1 },
      problem: null,
      rollback: null,
    },
  });
  expect(await live()).toBe("greet@2");
  const notified = async () =>
    (
      await sql<{ cause: string }>`select content -> 'triage' ->> 'cause' as cause from sluice.notifications
        where content ->> 'alertId' = ${id} order by created_at`.execute(db)
    ).rows.map(({ cause }) => cause);
  expect(await notified()).toEqual(["unknown", "version"]);
  const ends = async () =>
    (
      await sql<object>`select a.told_at, t.ended_at from sluice.alerts a join sluice.triages t on t.alert_id = a.id
        where a.id = ${id}::uuid`.execute(db)
    ).rows;
  const ended = await ends();
  // Asked again, by a worker that has not heard the answer, it says the same and does nothing more.
  expect(await conclude(id)).toMatchObject({ verdict: "version" });
  expect(await ends()).toEqual(ended);
});

it("says nothing by too few answers", async () => {
  const id = await ring();
  await begin();
  await openTriage(db, id, PLACE);
  await answer((await findTriage(db, id))!.live_evaluation, 20, 20);
  expect(await conclude(id)).toEqual({
    verdict: "none",
    reason: "20 of 40 answers came of greet@2: the evaluation has no end",
  });
});

it("goes back by itself where that is set, in the monitor's name and for the alert", async () => {
  await set({ regate: { max_cost_usd: 1 }, action: "rollback" });
  const id = await worseAlone();
  await conclude(id);
  expect(await live()).toBe("greet@1");
  expect((await alert(id)).triage?.tests?.rollback).toEqual({ done: true, to: "greet@1", refusal: null });
  const [entry] = (await sluice.audit({ prompt: "greet" })).filter(({ action }) => action === "rolled_back");
  expect(entry).toMatchObject({
    from: "greet@2",
    to: "greet@1",
    asserted: "monitor errors",
    reason: `alert ${id.slice(0, 8)} of greet@2: its tests say that it alone has got worse`,
  });
});

it.each([
  [
    "somebody has moved the pointer meanwhile",
    async () => {
      await serve(1);
      await serve(2);
    },
  ],
  ["the alert is over", () => sql`update sluice.alerts set resolved_at = clock_timestamp()`.execute(db)],
])("does not go back, and says so with the alert: %s", async (refusal, meanwhile) => {
  await set({ regate: { max_cost_usd: 1 }, action: "rollback" });
  const id = await worseAlone();
  await meanwhile();
  await conclude(id);
  expect(await live()).toBe("greet@2");
  expect((await alert(id)).triage).toMatchObject({
    cause: "version",
    tests: { rollback: { done: false, to: "greet@1", refusal } },
    says: expect.arrayContaining([`It was not rolled back to greet@1: ${refusal}.`]) as unknown,
  });
});

it("does not go back where that is not set any more when the tests have answered", async () => {
  await set({ regate: { max_cost_usd: 1 }, action: "rollback" });
  const id = await worseAlone();
  await set({ regate: { max_cost_usd: 1 } });
  expect(await conclude(id)).toMatchObject({ verdict: "version" });
  expect(await live()).toBe("greet@2");
  expect((await alert(id)).triage?.tests?.rollback).toBeNull();
});

it("leaves a scope to the rollout that runs there", async () => {
  await set({ regate: { max_cost_usd: 1 }, action: "rollback" });
  const id = await worseAlone();
  const policySha256 = (await promptPolicySha256(db, "greet"))!;
  const policy = (await ownPolicy(db, "greet"))!;
  await transact(db, (transaction) =>
    beginRollout(transaction, {
      rolloutId: crypto.randomUUID(),
      workflowId: "w",
      temporal: { namespace: "n", namespaceId: "i" },
      requestId: "r",
      scope: { prompt: "greet", label: "production", model: "", tenant: "" },
      candidateVersion: versions[0]!,
      policySha256,
      policy,
      datasetSha256: policy.gate!.dataset_sha256!,
      startedBy: "anna",
    }),
  );
  await conclude(id);
  expect(await live()).toBe("greet@2");
  const refused = { done: false, to: "greet@1", refusal: "a rollout runs there" };
  expect((await alert(id)).triage?.tests?.rollback).toEqual(refused);
  expect((await sluice.rollouts({ prompt: "greet" })).map(({ outcome }) => outcome)).toEqual([null]);
});
