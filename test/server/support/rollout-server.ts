import { createKey, type KeyRequest } from "../../../src/use-cases/create-key.ts";
import { keepTemporal } from "../../../src/temporal/keep-temporal.ts";
import { controlRollout, rolloutTemporal } from "../../../src/temporal/rollout-client.ts";
import { startServer } from "../../../src/server/start-server.ts";
import { createRolloutBench, type RolloutBench } from "../../support/rollout-bench.ts";
import { call, type Called } from "./checked-call.ts";

export interface RolloutServer {
  readonly bench: RolloutBench;
  readonly url: string;
  key(request?: Partial<KeyRequest>): Promise<string>;
  post(path: string, key: string, body?: unknown, headers?: Record<string, string>): Promise<Called>;
  get(path: string, key: string): Promise<Called>;
  close(): Promise<void>;
}

/** A server beside a rollout bench: the same database, and its Temporal, or one that is at another address. */
export async function openRolloutServer(own: { readonly temporal?: string } = {}): Promise<RolloutServer> {
  const bench = await createRolloutBench();
  const kept = keepTemporal({ address: own.temporal ?? bench.temporal });
  const server = await startServer({
    databaseUrl: bench.databaseUrl,
    host: "127.0.0.1",
    port: 0,
    log: () => undefined,
    limits: { write: 1_000, read: 1_000 },
    rollouts: {
      use: (work) =>
        kept.use((client) =>
          work({
            ...rolloutTemporal(client, bench.taskQueue),
            control: (rollout, name, request) => controlRollout(client, rollout, name, request),
            pageOf: ({ workflowId }) => `http://ui/${workflowId}`,
          }),
        ),
      close: () => kept.close(),
    },
  });
  return {
    bench,
    url: server.url,
    async key(request = {}) {
      const standard = { name: "test", role: "releaser", grants: {}, owner: "ann" } as const;
      return (await createKey(bench.db, { ...standard, ...request })).key;
    },
    post: (path, key, body = {}, headers = {}) => call(server.url, `POST ${path}`, { key, body, headers }),
    get: (path, key) => call(server.url, `GET ${path}`, { key }),
    async close() {
      await server.stop();
      await bench.close();
    },
  };
}
