import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Client, Connection } from "@temporalio/client";
import pg from "pg";
import { readLocalMachine } from "../../../src/config.ts";
import { type ModelServer, startModelServer } from "../../../src/local/model-server/server.ts";
import { startPostgres } from "../../../src/local/postgres/postgres.ts";
import { createRunFolder } from "../../../src/local/stack/run-folder.ts";
import { startTemporal } from "../../../src/local/temporal/temporal.ts";
import { withDatabase } from "../../../src/storage/database.ts";
import { migrate } from "../../../src/storage/migrator.ts";
import { startProxy } from "../../../test/resolver/support/tcp-proxy.ts";
import { startWorkerProcess } from "../../../test/support/worker-process.ts";

const WORKERS = 2;

/** Everything that a rollout runs on, each part a process that can be killed, frozen and started again. */
export interface Parts extends AsyncDisposable {
  readonly folder: string;
  readonly client: Client;
  readonly models: ModelServer;
  /** Between Postgres and everybody else. */
  readonly proxy: Awaited<ReturnType<typeof startProxy>>;
  /** Asks Postgres itself, past the proxy, again and again until it answers. */
  administer(statement: string, values?: unknown[]): Promise<pg.QueryResult>;
  readonly postgres: Restartable;
  readonly temporal: Restartable;
  readonly workers: readonly WorkerPart[];
}

export interface Restartable {
  kill(): void;
  /** Ends what is left of it and starts it again where it was. */
  restart(): Promise<void>;
  freeze(): Promise<void>;
  thaw(): Promise<void>;
}

export interface WorkerPart extends Restartable {
  /** Starts it again with a clock that is wrong by this much, in ms. */
  restart(clockShiftMs?: number): Promise<void>;
  /** Lets a wrong clock jump once more. */
  jump(): void;
}

export async function openParts(): Promise<Parts> {
  // Beside those of proofs that were killed, whose servers are stopped now.
  const run = await createRunFolder(join(tmpdir(), "sluice-proofs"));
  const folder = run.path;
  const closing: (() => Promise<unknown>)[] = [() => Promise.resolve(run.remove())];
  const close = async () => {
    for (const one of closing.toReversed()) await one().catch(() => undefined);
  };
  try {
    // Durable: what Postgres has acknowledged must be there after it was killed, or the rules would mean nothing.
    const dataDir = join(folder, "postgres");
    let server = await startPostgres({ dataDir });
    closing.push(() => server.stop());
    await withDatabase(server.url, (db) => migrate(db));
    await ask(server.url, "alter system set track_commit_timestamp = on");
    await server.stop();
    server = await startPostgres({ dataDir, preferredPort: server.port });
    const proxy = await startProxy(server.url);
    closing.push(() => proxy.close());
    const place = { machine: readLocalMachine(), dataDir: join(folder, "temporal") };
    let temporal = await startTemporal(place);
    closing.push(() => temporal.stop());
    const models = await startModelServer();
    closing.push(() => models.stop());
    const connection = await Connection.connect({
      address: temporal.address,
      channelArgs: { "grpc.initial_reconnect_backoff_ms": 100, "grpc.max_reconnect_backoff_ms": 500 },
    });
    closing.push(() => connection.close());
    const surroundings = { databaseUrl: proxy.url, temporal: temporal.address, modelUrl: models.url };
    const workers = await Promise.all(Array.from({ length: WORKERS }, () => workerPart(surroundings)));
    closing.push(async () => workers.map((worker) => worker.kill()));
    return {
      folder,
      client: new Client({ connection }),
      models,
      proxy,
      administer: (statement, values) => insist(() => ask(server.url, statement, values)),
      postgres: {
        kill: () => process.kill(server.pid, "SIGKILL"),
        async restart() {
          await server.stop();
          server = await insist(() => startPostgres({ dataDir, preferredPort: server.port }));
        },
        freeze: async () => signalAll(await withChildren(server.pid), "SIGSTOP"),
        thaw: async () => signalAll(await withChildren(server.pid), "SIGCONT"),
      },
      temporal: {
        kill: () => process.kill(temporal.pid, "SIGKILL"),
        async restart() {
          await temporal.stop();
          const preferredPort = Number(temporal.address.split(":")[1]);
          temporal = await insist(() => startTemporal({ ...place, preferredPort }));
        },
        freeze: () => Promise.resolve(signalAll([temporal.pid], "SIGSTOP")),
        thaw: () => Promise.resolve(signalAll([temporal.pid], "SIGCONT")),
      },
      workers,
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

type Surroundings = Parameters<typeof startWorkerProcess>[0];

async function workerPart(surroundings: Surroundings): Promise<WorkerPart> {
  let worker: ChildProcess = await startWorkerProcess(surroundings);
  const isRunning = () => worker.exitCode === null && worker.signalCode === null;
  return {
    kill: () => void worker.kill("SIGKILL"),
    async restart(clockShiftMs) {
      if (isRunning()) {
        worker.kill("SIGKILL");
        await once(worker, "exit");
      }
      const shift = clockShiftMs === undefined ? {} : { clockShiftMs };
      worker = await insist(() => startWorkerProcess({ ...surroundings, ...shift }));
    },
    freeze: () => Promise.resolve(void worker.kill("SIGSTOP")),
    thaw: () => Promise.resolve(void worker.kill("SIGCONT")),
    jump: () => void worker.kill("SIGUSR2"),
  };
}

/** As a service manager does: what was killed may not be gone yet, and what is needed may be unreachable. */
async function insist<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt === 50) throw error;
      await delay(300);
    }
  }
}

async function ask(url: string, statement: string, values?: unknown[]): Promise<pg.QueryResult> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 2_000,
    query_timeout: 10_000,
  });
  client.on("error", () => undefined);
  await client.connect();
  try {
    return await client.query(statement, values);
  } finally {
    await client.end();
  }
}

async function withChildren(pid: number): Promise<number[]> {
  const pids = [pid];
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await readFile(`/proc/${name}/stat`, "utf8").catch(() => "");
    if (Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]) === pid) pids.push(Number(name));
  }
  return pids;
}

function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids)
    try {
      process.kill(pid, signal);
    } catch {
      // It has ended meanwhile.
    }
}
