import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RelayOptions, startRelay } from "../../../../src/server/relay/start-relay.ts";
import type { RunningServer } from "../../../../src/server/start-server.ts";
import { startProxy } from "../../../resolver/support/tcp-proxy.ts";
import { openServer, type ServerBench } from "../../support/server-bench.ts";

export interface RelayBench {
  readonly central: ServerBench;
  /** The network between the relay and its server. */
  readonly network: Awaited<ReturnType<typeof startProxy>>;
  /** Stays the same when it is started anew. */
  readonly data: string;
  relay: RunningServer;
  /** What it has logged, a JSON text a line. */
  readonly log: string[];
  /** Its address with a key in it, as the resolver takes it. */
  address(key: string): string;
  /** Asks the relay with a key. */
  ask(key: string, path: string, body?: unknown): Promise<Response>;
  /** Starts it anew, as after an update. */
  restart(options?: Partial<RelayOptions>): Promise<void>;
  close(): Promise<void>;
}

/** A real server on a database of its own, and a relay in front of it, with a network between that can be cut. */
export async function openRelay(options: Partial<RelayOptions> = {}): Promise<RelayBench> {
  const central = await openServer();
  const network = await startProxy(central.server.url);
  const data = await mkdtemp(join(tmpdir(), "sluice-relay-"));
  const log: string[] = [];
  const upstream = network.url.replace("//", `//${await central.key({ name: "relay" })}@`);
  const start = (more: Partial<RelayOptions>) =>
    startRelay({
      upstream,
      data,
      host: "127.0.0.1",
      port: 0,
      log: (message, fields) => void log.push(JSON.stringify({ message, ...fields })),
      ...options,
      ...more,
    });
  const bench: RelayBench = {
    central,
    network,
    data,
    relay: await start({}),
    log,
    address: (key) => bench.relay.url.replace("//", `//${key}@`),
    ask: (key, path, body) =>
      fetch(`${bench.relay.url}${path}`, {
        method: body === undefined ? "GET" : "POST",
        headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
        ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
      }),
    async restart(more = {}) {
      await bench.relay.stop();
      bench.relay = await start(more);
    },
    async close() {
      await bench.relay.stop();
      await network.close();
      await central.close();
      await rm(data, { recursive: true });
    },
  };
  return bench;
}
