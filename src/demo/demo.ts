import { randomUUID } from "node:crypto";
import type { LocalMachine } from "../local/machine.ts";
import { withStack } from "../local/stack/with-stack.ts";
import type { Stack } from "../local/stack/stack.ts";
import { openDatabase } from "../storage/database.ts";
import { storeError } from "../storage/store-error.ts";
import { withTemporal } from "../temporal/connect.ts";
import { rolloutTemporal } from "../temporal/rollout-client.ts";
import { workflowPage } from "../temporal/workflow-page.ts";
import { type Scene, runChapters } from "./run-chapters.ts";
import { type Traffic, type TrafficCounts, startTraffic } from "./traffic.ts";
import type { DemoView } from "./view.ts";

export interface DemoOptions {
  /** Its data is in `.sluice/demo/` there, a folder a run. */
  readonly directory: string;
  readonly machine: LocalMachine;
  readonly view: DemoView;
  readonly signal: AbortSignal;
  /** Called when every chapter has ended, with everything still running; the demo ends when it settles. */
  readonly onFinished: (demo: FinishedDemo) => Promise<void>;
}

export interface FinishedDemo {
  readonly stack: Stack;
  readonly scenes: readonly Scene[];
  readonly traffic: TrafficCounts;
}

const USERS_PER_SECOND = 150;
/** While the user looks around. */
const USERS_PER_SECOND_AFTER = 50;
const MODEL = { latencyMs: 25 };

/** Starts everything, runs the chapters, and stops everything. Rejects when it is interrupted. */
export async function runDemo(options: DemoOptions): Promise<void> {
  const { directory, machine, view, signal } = options;
  await withStack(
    {
      directory,
      machine,
      persistent: false,
      modelServer: MODEL,
      onlyScriptedModel: true,
      // Its database is its own, so no other worker may take its tasks.
      ownQueue: `sluice-demo-${randomUUID()}`,
      onProgress: (line) => view.progress(line),
      signal,
    },
    (stack) => runOn(stack, options),
  );
}

/** Its Postgres runs: a machine that has much else to do is waited for. */
const CONNECT_MS = 30_000;

async function runOn(stack: Stack, { view, signal, onFinished }: DemoOptions): Promise<void> {
  const db = openDatabase(stack.databaseUrl, { max: 4, connectTimeoutMs: CONNECT_MS });
  let traffic: Traffic | undefined;
  try {
    view.progress(`Watch it in a browser (the link works once): ${stack.signInUrl}`);
    view.progress(`Postgres, Temporal and a worker are up; Temporal's page: ${stack.uiUrl || "(yours)"}`);
    const scenes = await withTemporal(temporalOf(stack), (client) =>
      runChapters({
        db,
        temporal: rolloutTemporal(client, stack.taskQueue),
        pageOf: (workflow) => workflowPage(stack.uiUrl || undefined, stack.namespace, workflow) ?? "",
        onScene: (scene) => view.scene(scene, traffic?.counts()),
        async onLive() {
          traffic = await startTraffic({
            databaseUrl: stack.databaseUrl,
            modelServerUrl: stack.modelServerUrl!,
            usersPerSecond: USERS_PER_SECOND,
          });
        },
        signal,
      }),
    );
    traffic?.setRate(USERS_PER_SECOND_AFTER);
    view.end();
    await onFinished({ stack, scenes, traffic: traffic!.counts() });
  } catch (error) {
    throw storeError(stack.databaseUrl, error);
  } finally {
    view.end();
    await traffic?.stop();
    await db.destroy();
  }
}

function temporalOf({ temporalAddress, namespace, localTemporal }: Stack) {
  return localTemporal
    ? { address: temporalAddress, namespace, local: true }
    : { address: temporalAddress, namespace };
}
