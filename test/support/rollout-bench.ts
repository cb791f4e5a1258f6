import { randomUUID } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Client, Connection } from "@temporalio/client";
import { historyToJSON } from "@temporalio/common/lib/proto-utils.js";
import type { RolloutStatus } from "../../src/domain/rollout/rollout.ts";
import { scopeColumns, type ScopeColumns } from "../../src/domain/scope.ts";
import { startModelServer } from "../../src/local/model-server/server.ts";
import { createProviders } from "../../src/providers/create-providers.ts";
import { openDatabase, type Database } from "../../src/storage/database.ts";
import { statusOfRollout } from "../../src/storage/read/rollout-status.ts";
import type { ControlAnswer } from "../../src/protocol/rollout-controls.ts";
import { controlRollout, rolloutTemporal } from "../../src/temporal/rollout-client.ts";
import type { ControlName } from "../../src/protocol/names.ts";
import { requireOpenRollout } from "../../src/use-cases/control-rollout.ts";
import { pushPromptFiles } from "../../src/use-cases/push.ts";
import { setPointerByHand } from "../../src/use-cases/set-pointer.ts";
import type {
  DeliveryTemporal,
  EvaluationTemporal,
  PropagationTemporal,
  RolloutTemporal,
  TriageTemporal,
  WorkTemporal,
} from "../../src/protocol/rollout-temporal.ts";
import { startRollout } from "../../src/use-cases/start-rollout.ts";
import type { StartedRollout } from "../../src/domain/shapes/rollouts.ts";
import { runWorker } from "../../workers/run-worker.ts";
import { createTestDatabase } from "./database.ts";
import { simulateTraffic, type Opinion } from "./simulate-traffic.ts";
import { randomTaskQueue, temporalAddress, workflowBundlePath } from "./temporal.ts";

/** One whose workflow was started. */
export type RunningRollout = StartedRollout & { readonly runId: string };

/** One database, one task queue, a worker that can be stopped and started, and users whose opinions are scripted. */
export interface RolloutBench {
  readonly db: Database;
  readonly databaseUrl: string;
  readonly client: Client;
  readonly temporal: string;
  readonly taskQueue: string;
  readonly modelUrl: string;
  readonly prompt: string;
  readonly scope: ScopeColumns;
  /** Pushes versions 1 and 2 and makes version 1 live. */
  seed(): Promise<void>;
  /** Pushes versions of the bench's prompt that differ in their text alone. */
  push(...numbers: number[]): Promise<void>;
  start(number: number, policy: string, requestId?: string): Promise<RunningRollout>;
  readonly starter: RolloutTemporal &
    EvaluationTemporal &
    DeliveryTemporal &
    PropagationTemporal &
    TriageTemporal &
    WorkTemporal;
  /** Asks something of the rollout that is open, as an operator would. */
  control<Name extends ControlName>(
    name: Name,
    request: { readonly by: string; readonly reason?: string },
  ): Promise<ControlAnswer<Name>>;
  /** Takes the model endpoint away. */
  modelsAway(): Promise<void>;
  startWorker(options?: { readonly withSchedules?: boolean }): void;
  stopWorker(): Promise<void>;
  /** Reports outcomes of new units for as long as the rollout runs or until the signal. */
  traffic(opinion: Opinion, signal?: AbortSignal): Promise<void>;
  until(rolloutId: string, done: (status: RolloutStatus) => boolean, what: string): Promise<RolloutStatus>;
  /** With RECORD_HISTORIES naming a folder, what the first rollout has done so far is kept there for the replay tests. */
  keepHistory(name: string): Promise<void>;
  /** Keeps the history under the test's name, where one is given. */
  close(test?: string): Promise<void>;
}

/**
 * On the run's Temporal, or on one of the test's own; `prompt` is another bench's, to be in its way; `vendor` answers in
 * place of the scripted model.
 */
export async function createRolloutBench(
  own: { readonly temporal?: string; readonly prompt?: string; readonly vendor?: string } = {},
): Promise<RolloutBench> {
  const database = await createTestDatabase();
  const address = own.temporal ?? (await temporalAddress());
  const db = openDatabase(database.url);
  const connection = await Connection.connect({ address });
  const client = new Client({ connection });
  const models = await startModelServer();
  const providers = createProviders({
    openai: { apiKey: "test", baseURL: `${own.vendor ?? models.url}/v1` },
    maxRetries: 0,
  });
  const folder = await mkdtemp(join(tmpdir(), "sluice-bench-"));
  // Workflow ids are per pointer, and the server is shared: a name of this bench's own.
  const prompt = own.prompt ?? `bench-${randomUUID().slice(0, 8)}`;
  const scope = scopeColumns({ label: "production", prompt });
  const taskQueue = randomTaskQueue();
  let worker: { stop: AbortController; done: Promise<void> } | undefined;
  let started: RunningRollout | undefined;
  const starter = rolloutTemporal(client, taskQueue);

  const bench: RolloutBench = {
    db,
    databaseUrl: database.url,
    client,
    temporal: address,
    taskQueue,
    modelUrl: models.url,
    prompt,
    scope,
    starter,
    async push(...numbers) {
      for (const number of numbers) {
        const file = join(folder, `v${number}.yaml`);
        await writeFile(file, promptFile(prompt, number));
        await pushPromptFiles(db, [file], { author: "test", message: `version ${number}` });
      }
    },
    async seed() {
      await bench.push(1, 2);
      await setPointerByHand(db, {
        scope,
        version: { prompt, number: 1 },
        expectedRevision: 0,
        reason: "first",
        force: true,
        by: "test",
      });
    },
    async start(number, policy, requestId) {
      const policyFile = join(folder, `policy-${randomUUID()}.yaml`);
      await writeFile(policyFile, policy);
      await writeFile(join(folder, "golden.yaml"), GOLDEN);
      const receipt = await startRollout(db, starter, {
        scope,
        prompt,
        number,
        policyFile,
        requestId,
        by: "test",
        // One bench starts the same version in many tests; that this takes a decision is tested elsewhere.
        again: true,
      });
      const { runId } = receipt;
      if (runId === null) throw new Error(`rollout ${receipt.rolloutId} was over before it ran`);
      const running = { ...receipt, runId };
      started ??= running;
      return running;
    },
    async control(name, request) {
      const { id, workflow_id } = await requireOpenRollout(db, scope);
      return controlRollout(client, { rolloutId: id, workflowId: workflow_id }, name, request);
    },
    modelsAway: () => models.stop(),
    startWorker({ withSchedules = false } = {}) {
      const stop = new AbortController();
      const done = workflowBundlePath().then((bundlePath) =>
        runWorker({
          db,
          providers,
          temporal: { address },
          taskQueue,
          bundlePath,
          log: () => undefined,
          logLevel: "ERROR",
          sweepIntervalMs: 3_600_000,
          withoutSchedules: !withSchedules,
          signal: stop.signal,
        }),
      );
      worker = { stop, done };
    },
    async stopWorker() {
      const running = worker;
      worker = undefined;
      running?.stop.abort();
      await running?.done;
    },
    traffic: (opinion, signal) => simulateTraffic(db, scope, opinion, signal),
    async until(rolloutId, done, what) {
      for (let attempt = 0; attempt < 1_600; attempt++) {
        const status = await statusOfRollout(db, rolloutId);
        if (status && done(status)) return status;
        await delay(50);
      }
      throw new Error(`not seen in 80 s: ${what}: ${JSON.stringify(await statusOfRollout(db, rolloutId))}`);
    },
    async keepHistory(name) {
      if (RECORDINGS && started) await record(client, started, RECORDINGS, fileName(name));
    },
    async close(test) {
      await bench.stopWorker();
      if (test !== undefined) await bench.keepHistory(test);
      await connection.close();
      await models.stop();
      await db.destroy();
      await database.drop();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return bench;
}

const RECORDINGS = process.env["RECORD_HISTORIES"];

/** A rollout's history, and beside it those of the workflows that it started. */
async function record(
  client: Client,
  { workflowId, runId, rolloutId }: RunningRollout,
  folder: string,
  name: string,
): Promise<void> {
  const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
  await writeHistory(join(folder, `${name}.json`), history);
  for (const { childWorkflowExecutionStartedEventAttributes: child } of history.events ?? []) {
    const id = child?.workflowExecution?.workflowId;
    if (!id) continue;
    const kind = id.slice(0, -`:${rolloutId}`.length);
    await writeHistory(
      join(folder, `${name}-${kind}.json`),
      await client.workflow.getHandle(id).fetchHistory(),
    );
  }
}

/** The same of a workflow that is no rollout's. */
export async function keepWorkflowHistory(client: Client, workflowId: string, name: string): Promise<void> {
  if (!RECORDINGS) return;
  const history = await client.workflow.getHandle(workflowId).fetchHistory();
  await writeHistory(join(RECORDINGS, `${name}.json`), history);
}

async function writeHistory(file: string, history: Parameters<typeof historyToJSON>[0]): Promise<void> {
  // Where it was recorded is nobody's business, and makes no difference to a replay.
  const withoutPlace = (key: string, value: unknown) =>
    key === "stackTrace" ? "" : key === "identity" ? "recorder" : value;
  const plain: unknown = JSON.parse(historyToJSON(history), withoutPlace);
  await writeFile(file, `${JSON.stringify(plain, null, 1)}\n`);
}

function fileName(test: string): string {
  return test
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .slice(0, 60);
}

const GOLDEN = `
- vars: { question: I forgot my password and cannot log in. What do I do? }
  assert: [{ type: is-json }, { type: icontains, value: "24 hours" }]
- vars: { question: Can I get a refund for the plan that I bought last week? }
  assert: [{ type: is-json }, { type: icontains, value: "30 days" }]
`;

/** Version 9 does not ask for the format that the golden dataset checks. */
function promptFile(name: string, number: number): string {
  return `
name: ${name}
model: openai/gpt-4.1-mini
variables:
  question: { type: string, required: true, untrusted: true }
messages:
  - role: system
    content: |
      You are support assistant number ${number}.
      ${number === 9 ? "" : 'Answer with a JSON object: {"answer": "what you tell the customer", "category": "billing or account"}.'}
      Facts you may rely on:
      - Refunds: a full refund within 30 days of the purchase.
      - Password: the reset link is valid for 24 hours.
  - { role: user, content: "{{ question }}" }
`;
}
