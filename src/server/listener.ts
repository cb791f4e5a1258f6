import { setImmediate as nextTurn } from "node:timers/promises";
import type { FastifyInstance } from "fastify";
import { hostInUrl } from "../domain/addresses/listen-address.ts";

export interface RunningServer {
  readonly url: string;
  readonly port: number;
  /** Says that it is not ready, ends the streams, lets requests end, and closes. May be called again. */
  stop(): Promise<void>;
}

/** How long requests that are being answered may go on when the server is asked to stop. */
const LAST_REQUESTS_MS = 10_000;
const IDLE_LOOK_MS = 20;
/** How long connections that were made before are still taken, where new ones come all the time. */
const LAST_CONNECTIONS_MS = 2_000;

/** Where a server is that listens as it was told. */
export function addressOf(
  app: FastifyInstance,
  { host, tls }: { readonly host: string; readonly tls?: object | undefined },
): Pick<RunningServer, "url" | "port"> {
  const { port } = app.server.address() as { readonly port: number };
  return { url: `${tls ? "https" : "http"}://${hostInUrl(host)}:${port}`, port };
}

/** What is being answered is answered first; whoever takes longer than that is cut off. */
export async function closeListener(app: FastifyInstance): Promise<void> {
  await takeWaiting(app);
  // A connection that was at work when the server began to close is closed as soon as it is not.
  const idle = setInterval(() => app.server.closeIdleConnections(), IDLE_LOOK_MS);
  const late = setTimeout(() => app.server.closeAllConnections(), LAST_REQUESTS_MS);
  try {
    await app.close();
  } finally {
    clearInterval(idle);
    clearTimeout(late);
  }
}

/**
 * Takes the connections that wait to be taken, which would be reset when the server stops listening, whatever was sent
 * on them. The event loop takes one a turn: a turn that takes none has seen the last.
 */
async function takeWaiting({ server }: FastifyInstance): Promise<void> {
  let hasTaken = true;
  const take = () => (hasTaken = true);
  server.on("connection", take);
  // The turn that is on may be past the point where it takes one.
  await nextTurn();
  for (const since = performance.now(); hasTaken && performance.now() - since < LAST_CONNECTIONS_MS;) {
    hasTaken = false;
    await nextTurn();
  }
  server.off("connection", take);
}
