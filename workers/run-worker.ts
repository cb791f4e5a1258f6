import { setTimeout as delay } from "node:timers/promises";
import { Client, Connection } from "@temporalio/client";
import {
  DefaultLogger,
  makeTelemetryFilterString,
  NativeConnection,
  Runtime,
  Worker,
  type LogEntry,
  type LogLevel,
} from "@temporalio/worker";
import { createActivities } from "../activities/index.ts";
import { lastingTaskQueue } from "../src/protocol/task-queue.ts";
import type { Providers } from "../src/providers/create-providers.ts";
import type { Database } from "../src/storage/database.ts";
import { installationId } from "../src/storage/read/installation.ts";
import { TASK_QUEUE, temporalSettings, type TemporalAddress } from "../src/temporal/connect.ts";
import { temporalError, temporalUnreachable } from "../src/temporal/temporal-error.ts";
import { rolloutTemporal } from "../src/temporal/rollout-client.ts";
import { ensureSearchAttributes } from "../src/temporal/search-attributes.ts";
import { refuseForeignTaskQueue, workerIdentity } from "../src/temporal/task-queue-claim.ts";
import { sweepAbandoned } from "../src/use-cases/clear-abandoned.ts";
import { clearAbandonedEvaluations } from "../src/use-cases/clear-abandoned-evaluations.ts";
import { keepCheckpoint } from "../src/use-cases/keep-checkpoint.ts";
import type { CheckpointKeeper } from "../src/outbound/checkpoint-keeper.ts";
import { clearOldDrafts } from "../src/use-cases/clear-old-drafts.ts";
import { sweepDeadLetters } from "../src/use-cases/sweep-dead-letters.ts";
import { wakeDueDeliveries, resumeDeliveries } from "../src/use-cases/resume-deliveries.ts";
import { type BundleToKeep, keepBundle } from "../src/use-cases/keep-bundle.ts";
import { watchDrift } from "../src/use-cases/watch-drift.ts";
import { repeatedly } from "./repeatedly.ts";
import { workflowBundlePath } from "./bundle.ts";
import { messageOf, SluiceError } from "../src/domain/errors.ts";
import { counted } from "../src/domain/text/counted.ts";

export interface WorkerOptions {
  readonly db: Database;
  /** For what lasts, so that a move never waits for a connection behind a thousand watches. Default `db`. */
  readonly lastingDb?: Database;
  readonly providers: Providers;
  readonly temporal: TemporalAddress;
  readonly taskQueue?: string;
  /** Path of a bundle that is already built. */
  readonly bundlePath?: string;
  readonly log: (line: string) => void;
  readonly logLevel?: LogLevel;
  /** Where checkpoints of the audit log are kept; absent: nowhere. */
  readonly checkpointsTo?: CheckpointKeeper;
  /** Bundles to keep up as pointers move. */
  readonly bundles?: readonly BundleToKeep[];
  /** Between two looks for rollouts whose workflow is gone, in ms. Default 30,000. */
  readonly sweepIntervalMs?: number;
  /** Ends the worker when aborted, as SIGTERM does. */
  readonly signal?: AbortSignal;
}

/** Activities at once that are over in a moment: moves of pointers, reads, writes. */
const SHORT_SLOTS = 100;
/** Stages that are watched and batches that are evaluated at once; what is beyond that waits for another worker. */
const LASTING_SLOTS = 2_000;

const SWEEP_MS = 30_000;
const SWEEP_AGE_MS = 60_000;
/** Between two looks whether a delivery has something to go on with. */
const CARRY_MS = 2_000;
/** Between two looks whether a bundle is still what is served. */
const BUNDLE_MS = 1_000;
/** A checkpoint of the audit log so often, while it grows. */
const CHECKPOINT_MS = 3_600_000;
/** Between two questions whether Git is to be compared with what is served: drift is seen well within a minute. */
const DRIFT_MS = 10_000;
// An outage ends sooner for us than the SDK's default back-off of minutes would have it.
const CHANNEL = { "grpc.initial_reconnect_backoff_ms": 200, "grpc.max_reconnect_backoff_ms": 2000 };

/** Runs a worker until it is asked to stop. Waits for Temporal where it is not up yet. */
export async function runWorker(options: WorkerOptions): Promise<void> {
  const { db, providers, log } = options;
  const settings = temporalSettings(options.temporal);
  Runtime.install({
    logger: new DefaultLogger(options.logLevel ?? "WARN", (entry) => log(logLine(entry))),
    // An abort does not wait for its watcher, whose late answer the core would warn about each time.
    telemetryOptions: { logging: { filter: makeTelemetryFilterString({ core: "ERROR", other: "ERROR" }) } },
    shutdownSignals: ["SIGTERM", "SIGINT"],
  });
  const secure = {
    address: settings.address,
    ...(settings.apiKey !== undefined && { apiKey: settings.apiKey }),
    ...(settings.tls !== undefined && { tls: settings.tls as never }),
  };
  const bundle = options.bundlePath ?? (await workflowBundlePath());
  const inWords = (error: unknown) => temporalUnreachable(settings, error);
  const connection = await connectWithRetry(
    log,
    () => Connection.connect({ ...secure, channelArgs: CHANNEL }),
    inWords,
    options.signal,
  );
  let native: NativeConnection | undefined;
  try {
    native = await connectWithRetry(log, () => NativeConnection.connect(secure), inWords, options.signal);
    await ensureSearchAttributes(connection, settings.namespace);
    const client = new Client({ connection, namespace: settings.namespace });
    const taskQueue = options.taskQueue ?? TASK_QUEUE;
    const installation = await installationId(db);
    await refuseForeignTaskQueue(connection, { namespace: settings.namespace, taskQueue, installation });
    const common = {
      connection: native,
      namespace: settings.namespace,
      identity: workerIdentity(installation),
      shutdownGraceTime: 0,
      // A watcher hears of its cancellation within this time, whatever its heartbeat time-out.
      maxHeartbeatThrottleInterval: "1s",
      defaultHeartbeatThrottleInterval: "500ms",
    } as const;
    const temporal = rolloutTemporal(client, taskQueue);
    const lasting = createActivities({ db: options.lastingDb ?? db, providers, temporal });
    const workers = await Promise.all([
      Worker.create({
        ...common,
        taskQueue,
        workflowBundle: { codePath: bundle },
        activities: createActivities({ db, providers, temporal }),
        maxConcurrentActivityTaskExecutions: SHORT_SLOTS,
        stickyQueueScheduleToStartTimeout: "2s",
      }),
      Worker.create({
        ...common,
        taskQueue: lastingTaskQueue(taskQueue),
        activities: pick(
          lasting,
          "watchStage",
          "awaitDecision",
          "awaitEnd",
          "awaitRollouts",
          "runEvaluationBatch",
          "concludeEvaluation",
        ),
        maxConcurrentActivityTaskExecutions: LASTING_SLOTS,
      }),
    ]);
    const kept = upkeep(temporal, options);
    log(
      `worker ready: Temporal ${settings.address}, namespace ${settings.namespace}, task queue ${taskQueue}`,
    );
    try {
      await runTogether(workers, options.signal);
    } finally {
      kept.stop();
    }
  } catch (error) {
    throw temporalError(error, settings);
  } finally {
    await connection.close();
    await native?.close();
  }
}

/** An entry of the SDK's log in one line, with what went wrong and no trace of it. */
function logLine({ level, message, meta }: LogEntry): string {
  const { error } = (meta ?? {}) as { error?: unknown };
  const why = error instanceof Error ? `: ${error.message}` : "";
  return `${level.toLowerCase()}: ${message}${why}`;
}

function pick<T, K extends keyof T>(from: T, ...names: K[]): Pick<T, K> {
  return Object.fromEntries(names.map((name) => [name, from[name]])) as Pick<T, K>;
}

/** Until the signal, or until one of them ends: half a worker would leave its rollouts waiting. */
async function runTogether(workers: readonly Worker[], signal: AbortSignal | undefined): Promise<void> {
  const stop = () => {
    for (const worker of workers) if (worker.getState() === "RUNNING") worker.shutdown();
  };
  signal?.addEventListener("abort", stop, { once: true });
  const running = workers.map((worker) => worker.run().finally(stop));
  // Told to stop while they were made: only a worker that runs can be shut down, and its connection closed.
  if (signal?.aborted) stop();
  await Promise.all(running);
}

/**
 * What nobody asks for and every worker does now and then: clears what nothing else would (rollouts and evaluations
 * whose workflow was terminated, drafts that were left lying), has deliveries go on, keeps bundles and checkpoints, and
 * compares Git with what is served.
 */
function upkeep(
  temporal: ReturnType<typeof rolloutTemporal>,
  { db, sweepIntervalMs = SWEEP_MS, checkpointsTo, bundles = [], log }: WorkerOptions,
): { stop(): void } {
  const stopped = new AbortController();
  const failed = (what: string) => (error: unknown) => log(`${what}: ${messageOf(error)}`);
  const ends = [
    repeatedly(
      async () => {
        const cleared = await sweepAbandoned(db, temporal, { olderThanMs: SWEEP_AGE_MS });
        for (const rolloutId of cleared) log(`cleared rollout ${rolloutId}: its workflow is gone`);
        const ended = await clearAbandonedEvaluations(db, temporal, { olderThanMs: SWEEP_AGE_MS });
        for (const id of ended) log(`ended evaluation ${id}: nothing carries it out any more`);
        const resumed = await resumeDeliveries(db, temporal, { olderThanMs: SWEEP_AGE_MS });
        for (const version of resumed)
          log(`${version} goes on through the environments: its workflow was gone`);
        const drafts = await clearOldDrafts(db);
        if (drafts > 0) log(`removed ${counted(drafts, "draft")} that nobody has worked on for long`);
      },
      sweepIntervalMs,
      failed("sweep"),
    ),
    // Apart from the sweep: a receiver that does not answer must not keep traffic on what is left of a rollout.
    repeatedly(
      async () => {
        const closed = await sweepDeadLetters(db, { signal: stopped.signal, log });
        for (const id of closed) log(`closed dead letter ${id}: its webhooks have been told now`);
      },
      sweepIntervalMs,
      failed("dead letters"),
    ),
    repeatedly(() => wakeDueDeliveries(db, temporal), CARRY_MS, failed("deliveries")),
    // Each worker asks whether it is its turn: one of an installation looks.
    repeatedly(() => watchDrift(db, { signal: stopped.signal, log }), DRIFT_MS, failed("drift")),
  ];
  for (const bundle of bundles) {
    const { place } = bundle.address;
    ends.push(
      repeatedly(
        async () => {
          const kept = await keepBundle(db, bundle);
          if (kept && "problem" in kept && kept.isNew) log(`bundle: ${kept.problem}; it is tried again`);
          if (kept && "sha256" in kept && !kept.again)
            log(`bundle ${kept.sha256.slice(0, 12)} is at ${place}`);
        },
        BUNDLE_MS,
        failed(`bundle for ${place}`),
        { atOnce: true },
      ),
    );
  }
  if (checkpointsTo)
    ends.push(
      repeatedly(
        async () => {
          const kept = await keepCheckpoint(db, checkpointsTo, CHECKPOINT_MS);
          if (kept)
            log(
              `kept a checkpoint of the audit log, ${counted(kept.heads.length, "prompt")}, in ${checkpointsTo.place}`,
            );
        },
        sweepIntervalMs,
        failed("checkpoint of the audit log"),
        { atOnce: true },
      ),
    );
  return {
    stop() {
      for (const end of ends) end();
      stopped.abort();
    },
  };
}

async function connectWithRetry<T>(
  log: (line: string) => void,
  connect: () => Promise<T>,
  inWords: (error: unknown) => Promise<Error>,
  signal: AbortSignal | undefined,
): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await connect();
    } catch (error) {
      if (signal?.aborted || attempt > 600) throw error;
      const known = attempt % 10 === 0 ? await inWords(error) : undefined;
      // A key that is refused is refused again: whoever started the worker has to hear of it.
      if (known instanceof SluiceError && known.code === "forbidden") throw known;
      if (known) log(`waiting: ${known.message}`);
      await delay(1000, undefined, signal ? { signal } : {});
    }
  }
}
