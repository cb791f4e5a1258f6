import { setTimeout as delay } from "node:timers/promises";
import { Client, Connection } from "@temporalio/client";
import {
  DefaultLogger,
  makeTelemetryFilterString,
  NativeConnection,
  Runtime,
  Worker,
  type LogEntry,
} from "@temporalio/worker";
import { createActivities } from "../activities/index.ts";
import { lastingTaskQueue } from "../src/protocol/task-queue.ts";
import { installationId } from "../src/storage/read/installation.ts";
import { TASK_QUEUE, temporalSettings } from "../src/temporal/connect.ts";
import { temporalError, temporalUnreachable } from "../src/temporal/temporal-error.ts";
import { rolloutTemporal } from "../src/temporal/rollout-client.ts";
import { ensureSearchAttributes } from "../src/temporal/search-attributes.ts";
import { refuseForeignTaskQueue, workerIdentity } from "../src/temporal/task-queue-claim.ts";
import { workflowBundlePath } from "./bundle.ts";
import { upkeep } from "./upkeep.ts";
import type { WorkerOptions } from "./worker-options.ts";
import type { Log } from "../src/telemetry/log-lines.ts";
import { USUAL_RETENTION } from "../src/domain/retention.ts";
import { SluiceError } from "../src/domain/errors.ts";

/** Activities at once that are over in a moment: moves of pointers, reads, writes. */
const SHORT_SLOTS = 100;
/** Stages that are watched and batches that are evaluated at once; what is beyond that waits for another worker. */
const LASTING_SLOTS = 2_000;

// An outage ends sooner for us than the SDK's default back-off of minutes would have it.
const CHANNEL = { "grpc.initial_reconnect_backoff_ms": 200, "grpc.max_reconnect_backoff_ms": 2000 };

/** Runs a worker until it is asked to stop. Waits for Temporal where it is not up yet. */
export async function runWorker(options: WorkerOptions): Promise<void> {
  const { db, providers, log } = options;
  const settings = temporalSettings(options.temporal);
  Runtime.install({
    logger: new DefaultLogger(options.logLevel ?? "WARN", (entry) => logEntry(log, entry)),
    // An abort does not wait for its watcher, whose late answer the core would warn about each time.
    telemetryOptions: {
      logging: { filter: makeTelemetryFilterString({ core: "ERROR", other: "ERROR" }) },
      ...(options.temporalMetrics !== undefined && {
        metrics: {
          prometheus: {
            bindAddress: options.temporalMetrics,
            countersTotalSuffix: true,
            useSecondsForDurations: true,
          },
        },
      }),
    },
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
    const parts = { providers, temporal, retention: options.retention ?? USUAL_RETENTION, log };
    const lasting = createActivities({ ...parts, db: options.lastingDb ?? db });
    const workers = await Promise.all([
      Worker.create({
        ...common,
        taskQueue,
        workflowBundle: { codePath: bundle },
        activities: createActivities({ ...parts, db }),
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
          "removeExpired",
          "sweepDeadLetters",
        ),
        maxConcurrentActivityTaskExecutions: LASTING_SLOTS,
      }),
    ]);
    const kept = upkeep({ temporal, client, taskQueue }, options);
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

/** Of what the SDK says of itself, what tells where it was. */
const SDK_FIELDS = ["workflowId", "workflowType", "activityType", "attempt", "taskQueue"] as const;

/** An entry of the SDK's log in one line, with what went wrong and no trace of it. */
function logEntry(log: Log, { level, message, meta = {} }: LogEntry): void {
  // Said by the activity itself, with what it is about.
  if (message === "Activity failed") return;
  const { error, ...more } = meta as Readonly<Record<string, unknown>>;
  const why = error instanceof Error ? `: ${error.message}` : "";
  const fields = SDK_FIELDS.flatMap((name) => (name in more ? [[name, more[name]] as const] : []));
  log(`${level.toLowerCase()}: ${message}${why}`, {
    level: level === "ERROR" ? "error" : level === "WARN" ? "warn" : "info",
    ...Object.fromEntries(fields),
  });
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

async function connectWithRetry<T>(
  log: Log,
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
      if (known) log(`waiting: ${known.message}`, { level: "warn" });
      await delay(1000, undefined, signal ? { signal } : {});
    }
  }
}
