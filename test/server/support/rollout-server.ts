import { createKey, type KeyRequest } from "../../../src/use-cases/create-key.ts";
import { keepRollouts } from "../../../src/temporal/keep-rollouts.ts";
import { ownTrouble } from "../../../src/temporal/keep-temporal.ts";
import { startServer } from "../../../src/server/start-server.ts";
import { createRolloutBench, type RolloutBench } from "../../support/rollout-bench.ts";
import { call, type Called } from "./checked-call.ts";

export interface RolloutServer {
  readonly bench: RolloutBench;
  /** What it has logged, a JSON text a line. */
  readonly log: readonly string[];
  /** Of the server that runs now. */
  readonly url: string;
  key(request?: Partial<KeyRequest>): Promise<string>;
  post(path: string, key: string, body?: unknown, headers?: Record<string, string>): Promise<Called>;
  put(path: string, key: string, body: unknown): Promise<Called>;
  get(path: string, key: string): Promise<Called>;
  /** Ends the server, and starts another one on the same database. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** A server beside a rollout bench: the same database, and its Temporal, or one that is at another address. */
export async function openRolloutServer(
  own: { readonly temporal?: string; readonly environment?: Readonly<Record<string, string>> } = {},
): Promise<RolloutServer> {
  const bench = await createRolloutBench();
  const log: string[] = [];
  const start = () => {
    const { environment } = own;
    const address = { address: own.temporal ?? bench.temporal, ...(environment && { environment }) };
    const kept = keepRollouts({ address, taskQueue: bench.taskQueue, uiUrl: undefined }, ownTrouble);
    return startServer({
      databaseUrl: bench.databaseUrl,
      host: "127.0.0.1",
      port: 0,
      log: (message, fields) => void log.push(JSON.stringify({ message, ...fields })),
      limits: { write: 1_000, read: 1_000 },
      rollouts: {
        use: (work) =>
          kept.use((rollouts) =>
            work({ ...rollouts, pageOf: ({ workflowId }) => `http://ui/${workflowId}` }),
          ),
        close: () => kept.close(),
      },
    });
  };
  let server = await start();
  return {
    bench,
    log,
    get url() {
      return server.url;
    },
    async restart() {
      await server.stop();
      server = await start();
    },
    async key(request = {}) {
      const standard = { name: "test", role: "releaser", grants: {}, owner: "ann" } as const;
      return (await createKey(bench.db, { ...standard, ...request })).key;
    },
    post: (path, key, body = {}, headers = {}) => call(server.url, `POST ${path}`, { key, body, headers }),
    put: (path, key, body) => call(server.url, `PUT ${path}`, { key, body }),
    get: (path, key) => call(server.url, `GET ${path}`, { key }),
    async close() {
      await server.stop();
      await bench.close();
    },
  };
}
