import { createKey, type KeyRequest } from "../../../src/use-cases/create-key.ts";
import { type RunningServer, type ServerOptions, startServer } from "../../../src/server/start-server.ts";
import { openDatabase, type Database } from "../../../src/storage/database.ts";
import { openStore, type Store } from "../../resolver/support/store.ts";

export interface ServerBench {
  readonly server: RunningServer;
  readonly store: Store;
  readonly db: Database;
  /** What it has logged, a JSON text a line. */
  readonly log: string[];
  /** A new key of this role. */
  key(request?: Partial<KeyRequest>): Promise<string>;
  /** Ends the server, and starts it again at the same address. */
  restart(meanwhile?: () => Promise<void>): Promise<void>;
  /** The server's address with a key in it, as the resolver takes it. */
  address(key: string): string;
  close(): Promise<void>;
}

/** A real server on a database of its own. */
export async function openServer(
  options: Pick<
    ServerOptions,
    | "limits"
    | "corsOrigins"
    | "trustedProxies"
    | "identity"
    | "roles"
    | "proxyRoles"
    | "langfuseHoldMs"
    | "langfuseForward"
    | "logAll"
    | "models"
    | "playgroundUsd"
    | "invokeUsd"
  > = {},
): Promise<ServerBench> {
  const store = await openStore();
  const db = openDatabase(store.url, { max: 2 });
  const log: string[] = [];
  const start = (port: number) =>
    startServer({
      databaseUrl: store.url,
      host: "127.0.0.1",
      port,
      ...options,
      log: (message, fields) => void log.push(JSON.stringify({ message, ...fields })),
    });
  let server = await start(0);
  return {
    get server() {
      return server;
    },
    store,
    db,
    log,
    async key(request = {}) {
      const standard = { name: "test", role: "resolver", grants: {}, owner: "ann" } as const;
      return (await createKey(db, { ...standard, ...request })).key;
    },
    async restart(meanwhile = async () => undefined) {
      const { port } = new URL(server.url);
      await server.stop();
      await meanwhile();
      server = await start(Number(port));
    },
    address: (key) => server.url.replace("//", `//${key}@`),
    async close() {
      await server.stop();
      await db.destroy();
      await store.close();
    },
  };
}
