import { readConfig, requireDatabaseUrl } from "../src/config.ts";
import { SluiceError } from "../src/domain/errors.ts";
import { databaseUnavailable, openDatabase } from "../src/storage/database.ts";
import { assertMigrated } from "../src/storage/migrator.ts";
import { isConnectionError } from "../src/storage/store-failure.ts";
import { configuredProviders } from "../src/use-cases/configured-providers.ts";
import { ACTIVITY_QUERY_TIMEOUT_MS } from "../activities/heartbeats.ts";
import { sharedBreaker } from "../src/use-cases/shared-breaker.ts";
import { runWorker } from "./run-worker.ts";

const EXIT_INPUT = 2;
const EXIT_CONFLICT = 4;
const EXIT_UNAVAILABLE = 5;
const EXIT_BUG = 70;

/** How long a worker may take to drain whose parent is gone, and perhaps Postgres and Temporal with it. */
const DRAIN_MS = 5_000;

/** With `--end-with-parent`, and started by one that keeps a channel to it: aborted when the parent is gone. */
function parentGone(): AbortSignal {
  const controller = new AbortController();
  if (!process.argv.includes("--end-with-parent")) return controller.signal;
  const end = () => {
    controller.abort();
    setTimeout(() => process.exit(EXIT_UNAVAILABLE), DRAIN_MS).unref();
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
  const db = openDatabase(url, { queryTimeoutMs: ACTIVITY_QUERY_TIMEOUT_MS });
  try {
    const providers = await configuredProviders(config, { breaker: sharedBreaker(db) });
    await assertMigrated(db).catch((error: unknown) => {
      throw isConnectionError(error) ? databaseUnavailable(url, error) : error;
    });
    await runWorker({
      db,
      providers,
      temporal: {
        address: config.temporal.address,
        namespace: config.temporal.environment["TEMPORAL_NAMESPACE"],
        environment: config.temporal.environment,
      },
      taskQueue: config.taskQueue,
      log(line) {
        process.stderr.write(`${line}\n`);
        if (line.startsWith("worker ready")) process.send?.("ready");
      },
      signal,
      ...(taskQueue !== undefined && { taskQueue }),
    });
  } finally {
    await db.destroy();
  }
}

try {
  await main();
} catch (error) {
  if (error instanceof SluiceError) {
    process.stderr.write(`sluice worker: ${error.message}\n`);
    const codes = { unavailable: EXIT_UNAVAILABLE, conflict: EXIT_CONFLICT, internal: EXIT_BUG } as const;
    process.exitCode = codes[error.code as keyof typeof codes] ?? EXIT_INPUT;
  } else {
    process.stderr.write(
      `sluice worker: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
    process.exitCode = EXIT_BUG;
  }
}
