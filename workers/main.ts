import { readConfig, readPermitted, requireDatabaseUrl } from "../src/config.ts";
import { failureOf } from "../src/terminal/failure.ts";
import { EXIT } from "../src/terminal/exit-codes.ts";
import { visible } from "../src/domain/text/visible.ts";
import { openDatabase } from "../src/storage/database.ts";
import { assertMigrated } from "../src/storage/migrator.ts";
import { storeError } from "../src/storage/store-error.ts";
import { checkpointKeeper } from "../src/outbound/checkpoint-keeper.ts";
import { openBundleWriter } from "../src/outbound/bundles/open-bundle-writer.ts";
import type { BundleToKeep } from "../src/use-cases/keep-bundle.ts";
import { configureProviders } from "../src/use-cases/configure-providers.ts";
import { ACTIVITY_QUERY_TIMEOUT_MS } from "../activities/heartbeats.ts";
import { shareBreaker } from "../src/use-cases/share-breaker.ts";
import { runWorker } from "./run-worker.ts";

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
  const config = readConfig();
  const url = requireDatabaseUrl(config);
  const checkpoints = config.auditCheckpoints && {
    ...config.auditCheckpoints,
    permitted: readPermitted(),
  };
  const checkpointsTo = checkpoints && checkpointKeeper(checkpoints);
  const bundles: BundleToKeep[] = await Promise.all(
    config.bundles.map(async (kept) => ({ ...kept, writer: await openBundleWriter(kept.address) })),
  );
  const db = openDatabase(url, { queryTimeoutMs: ACTIVITY_QUERY_TIMEOUT_MS });
  const lastingDb = openDatabase(url, { queryTimeoutMs: ACTIVITY_QUERY_TIMEOUT_MS });
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
      log(line) {
        process.stderr.write(`${visible(line)}\n`);
        if (line.startsWith("worker ready")) process.send?.("ready");
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
    await Promise.all([db.destroy(), lastingDb.destroy(), ...bundles.map(({ writer }) => writer.close())]);
  }
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
