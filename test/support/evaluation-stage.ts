import type { ChildProcess } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client, Connection } from "@temporalio/client";
import { readLocalMachine } from "../../src/config.ts";
import { type ModelServer, startModelServer } from "../../src/local/model-server/server.ts";
import { startPostgres } from "../../src/local/postgres/postgres.ts";
import { createRunFolder } from "../../src/local/stack/run-folder.ts";
import { startTemporal } from "../../src/local/temporal/temporal.ts";
import { openDatabase } from "../../src/storage/database.ts";
import { migrate } from "../../src/storage/migrator.ts";
import { rolloutTemporal } from "../../src/temporal/rollout-client.ts";
import type { EvaluationScene } from "./evaluation-scene.ts";
import { startWorkerProcess } from "./worker-process.ts";

/** Everything that evaluations run on, outside the tests' own run: for proofs and benches. */
export interface EvaluationStage extends EvaluationScene, AsyncDisposable {
  readonly client: Client;
  readonly models: ModelServer;
  /** Of the servers. */
  readonly pids: { readonly postgres: number; readonly temporal: number };
  /** A worker process of its own, ready for work; from the TypeScript of this checkout, if no program is named. */
  startWorker(program?: readonly string[]): Promise<ChildProcess>;
}

export async function openStage(options: { readonly latencyMs: number }): Promise<EvaluationStage> {
  // Beside those of proofs that were killed, whose servers are stopped now.
  const run = await createRunFolder(join(tmpdir(), "sluice-proofs"));
  const folder = run.path;
  const closing: (() => Promise<unknown>)[] = [() => Promise.resolve(run.remove())];
  const close = async () => {
    for (const one of closing.toReversed()) await one().catch(() => undefined);
  };
  try {
    const postgres = await startPostgres({ dataDir: join(folder, "postgres"), durable: false });
    closing.push(() => postgres.stop());
    const temporal = await startTemporal({
      machine: readLocalMachine(),
      dataDir: join(folder, "temporal"),
      inMemory: true,
    });
    closing.push(() => temporal.stop());
    const models = await startModelServer({ latencyMs: options.latencyMs });
    closing.push(() => models.stop());
    const db = openDatabase(postgres.url);
    closing.push(() => db.destroy());
    await migrate(db);
    const connection = await Connection.connect({ address: temporal.address });
    closing.push(() => connection.close());
    const client = new Client({ connection });
    return {
      db,
      client,
      models,
      pids: { postgres: postgres.pid, temporal: temporal.pid },
      folder,
      prompt: "repeater",
      starter: rolloutTemporal(client),
      async startWorker(program) {
        const worker = await startWorkerProcess({
          databaseUrl: postgres.url,
          temporal: temporal.address,
          modelUrl: models.url,
          ...(program !== undefined && { program }),
        });
        closing.push(async () => worker.kill("SIGKILL"));
        return worker;
      },
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
