import { tmpdir } from "node:os";
import { join } from "node:path";
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
import { createKey } from "../../../src/use-cases/create-key.ts";
import {
  insist,
  type Restartable,
  type ServerPart,
  serverPart,
  signalAll,
  withChildren,
  type WorkerPart,
  workerPart,
} from "./processes.ts";

const FULL_DISK = new URL("full-disk.ts", import.meta.url).href;

/** Everything that a rollout runs on, each part a process that can be killed, frozen and started again. */
export interface Parts extends AsyncDisposable {
  readonly folder: string;
  readonly client: Client;
  readonly models: ModelServer;
  /** Between Postgres and everybody else. */
  readonly proxy: Proxy;
  /** Asks Postgres itself, past the proxy, again and again until it answers. */
  administer(statement: string, values?: unknown[]): Promise<pg.QueryResult>;
  readonly postgres: Restartable;
  readonly temporal: Restartable;
  readonly workers: readonly WorkerPart[];
  /** Replicas, and a key that may do everything over each. */
  readonly servers: readonly ServerPart[];
  readonly key: string;
  /** Before the first server, with a network between that can be cut. */
  readonly relay: ServerPart;
  readonly relayNetwork: Proxy;
}

type Proxy = Awaited<ReturnType<typeof startProxy>>;

/** `replicas`: of workers, and of servers. */
export async function openParts({ replicas = 2 } = {}): Promise<Parts> {
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
    const { key } = await withDatabase(server.url, (db) =>
      createKey(db, { name: "proof", role: "admin", grants: {}, owner: "proof" }),
    );
    const environment = { DATABASE_URL: proxy.url, TEMPORAL_ADDRESS: temporal.address };
    const [workers, servers] = await Promise.all([
      Promise.all(Array.from({ length: replicas }, () => workerPart(surroundings))),
      Promise.all(Array.from({ length: replicas }, () => serverPart([], environment))),
    ]);
    closing.push(async () => [...workers, ...servers].map((part) => part.kill()));
    const relayNetwork = await startProxy(servers[0]!.url);
    closing.push(() => relayNetwork.close());
    const relayData = join(folder, "relay");
    const relay = await serverPart(
      ["--upstream", relayNetwork.url.replace("//", `//${key}@`), "--data", relayData],
      { CHAOS_DISK: relayData },
      [FULL_DISK],
    );
    closing.push(async () => relay.kill());
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
      servers,
      key,
      relay,
      relayNetwork,
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw error;
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
