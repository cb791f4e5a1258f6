import { type Config, loadConfig, readPermitted, requireDatabaseUrl } from "../src/config.ts";
import { failureOf } from "../src/terminal/failure.ts";
import { EXIT } from "../src/terminal/exit-codes.ts";
import { openDatabase } from "../src/storage/database.ts";
import { assertMigrated } from "../src/storage/migrator.ts";
import { storeError } from "../src/storage/store-error.ts";
import { checkpointKeeper } from "../src/outbound/checkpoint-keeper.ts";
import { openContents } from "../src/outbound/contents/open-contents.ts";
import { openBundleWriter } from "../src/outbound/bundles/open-bundle-writer.ts";
import type { BundleToKeep } from "../src/use-cases/keep-bundle.ts";
import { configureProviders } from "../src/use-cases/configure-providers.ts";
import { ACTIVITY_QUERY_TIMEOUT_MS } from "../activities/heartbeats.ts";
import { createLog, type Log } from "../src/telemetry/log-lines.ts";
import { activeTraceId, startTracing, stopTracing } from "../src/telemetry/spans.ts";
import { serveStoreMetrics } from "../src/telemetry/serve-store-metrics.ts";
import { shareBreaker } from "../src/use-cases/share-breaker.ts";
import { freePort } from "../src/local/processes/free-port.ts";
import { runWorker } from "./run-worker.ts";

const METRICS_PORT = 9465;

/** How long a worker may take to drain whose parent is gone, and perhaps Postgres and Temporal with it. */
const DRAIN_MS = 5_000;

/** With `--end-with-parent`, and started by one that keeps a channel to it: aborted when the parent is gone. */
function parentGone(): AbortSignal {
  const controller = new AbortController();
  if (!process.argv.includes("--end-with-parent")) return controller.signal;
  const end = () => {
    controller.abort();
    setTimeout(() => process.exit(EXIT.unavailable), DRAIN_MS).unref();
  };
  process.once("disconnect", end);
  if (!process.connected) end();
  // Listening must not keep a worker alive that has been told to end.
  process.channel?.unref();
  return controller.signal;
}

/** The worker process: connect, run, drain on SIGTERM or when the parent that it belongs to is gone. */
async function main(): Promise<void> {
  const signal = parentGone();
  const taskQueue = process.argv.find((word) => word.startsWith("--task-queue="))?.split("=")[1];
  const config = await loadConfig();
  const url = requireDatabaseUrl(config);
  const checkpoints = config.auditCheckpoints && {
    ...config.auditCheckpoints,
    permitted: readPermitted(),
  };
  const checkpointsTo = checkpoints && checkpointKeeper(checkpoints);
  const bundles: BundleToKeep[] = await Promise.all(
    config.bundles.map(async (kept) => ({ ...kept, writer: await openBundleWriter(kept.address) })),
  );
  const contents = config.contents && openContents(config.contents);
  const db = openDatabase(url, { queryTimeoutMs: ACTIVITY_QUERY_TIMEOUT_MS, contents });
  await startTracing(config.makesTraces, "sluice-worker");
  const say = createLog({
    traceId: activeTraceId,
    part: "worker",
    format: config.logFormat ?? "plain",
    write: (line) => void process.stderr.write(`${line}\n`),
  });
  let isReady = false;
  const metrics = await metricsOf(config, url, say, () => isReady);
  const lastingDb = openDatabase(url, { queryTimeoutMs: ACTIVITY_QUERY_TIMEOUT_MS, contents });
  try {
    const providers = await configureProviders(config, { breaker: shareBreaker(db) });
    await assertMigrated(db);
    await runWorker({
      db,
      lastingDb,
      providers,
      temporal: {
        address: config.temporal.address,
        namespace: config.temporal.environment["TEMPORAL_NAMESPACE"],
        environment: config.temporal.environment,
      },
      taskQueue: config.taskQueue,
      ...(metrics && { temporalMetrics: metrics.temporal }),
      log(line, fields) {
        say(line, fields);
        if (!line.startsWith("worker ready")) return;
        isReady = true;
        process.send?.("ready");
      },
      signal,
      ...(taskQueue !== undefined && { taskQueue }),
      ...(checkpointsTo && { checkpointsTo }),
      bundles,
      retention: config.retention,
    });
  } catch (error) {
    throw storeError(url, error);
  } finally {
    await Promise.all([
      metrics?.served.close(),
      stopTracing(),
      db.destroy(),
      lastingDb.destroy(),
      ...bundles.map(({ writer }) => writer.close()),
    ]);
  }
}

async function metricsOf(config: Config, databaseUrl: string, say: Log, isReady: () => boolean) {
  const { metricsListen: listen = { host: "127.0.0.1", port: METRICS_PORT } } = config;
  if (listen === "off") return undefined;
  // Temporal's SDK listens by itself, and does not say where.
  const temporal = `127.0.0.1:${await freePort()}`;
  const served = await serveStoreMetrics(databaseUrl, {
    part: "worker",
    listen,
    log: (line) => say(`metrics: ${line}`),
    temporal: `http://${temporal}/metrics`,
    isReady,
  });
  return served && { served, temporal };
}

/** One line, whatever went wrong: a trace is for who works on Sluice, and may carry what it should not. */
function fail(error: unknown): number {
  const { message, exitCode } = failureOf(error);
  process.stderr.write(`sluice worker: ${message}\n`);
  return exitCode;
}

for (const event of ["uncaughtException", "unhandledRejection"])
  process.on(event, (error: unknown) => process.exit(fail(error)));

try {
  await main();
} catch (error) {
  process.exitCode = fail(error);
}
