import { readConfig, requireDatabaseUrl } from "../src/config.ts";
import { SluiceError } from "../src/domain/errors.ts";
import { createProviders } from "../src/providers/create-providers.ts";
import { databaseUnavailable, isConnectionError, openDatabase } from "../src/storage/database.ts";
import { assertMigrated } from "../src/storage/migrator.ts";
import { runWorker } from "./run-worker.ts";

const EXIT_INPUT = 2;
const EXIT_CONFLICT = 4;
const EXIT_UNAVAILABLE = 5;
const EXIT_BUG = 70;

/** The worker process: connect, run, drain on SIGTERM. */
async function main(): Promise<void> {
  const config = readConfig();
  const url = requireDatabaseUrl(config);
  const db = openDatabase(url);
  try {
    await assertMigrated(db).catch((error: unknown) => {
      throw isConnectionError(error) ? databaseUnavailable(url, error) : error;
    });
    await runWorker({
      db,
      providers: createProviders({
        openai: { apiKey: config.openai.apiKey, baseURL: config.openai.baseUrl },
        anthropic: { apiKey: config.anthropic.apiKey, baseURL: config.anthropic.baseUrl },
      }),
      temporal: {
        address: config.temporal.address,
        namespace: config.temporal.environment["TEMPORAL_NAMESPACE"],
      },
      log: (line) => process.stderr.write(`${line}\n`),
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
    process.stderr.write(`sluice worker: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exitCode = EXIT_BUG;
  }
}
