import type { FastifyInstance } from "fastify";

export interface RunningServer {
  readonly url: string;
  readonly port: number;
  /** Says that it is not ready, ends the streams, lets requests end, and closes. May be called again. */
  stop(): Promise<void>;
}

/** How long requests that are being answered may go on when the server is asked to stop. */
const LAST_REQUESTS_MS = 10_000;
const IDLE_LOOK_MS = 20;

/** Where a server is that listens as it was told. */
export function addressOf(
  app: FastifyInstance,
  { host, tls }: { readonly host: string; readonly tls?: object | undefined },
): Pick<RunningServer, "url" | "port"> {
  const { port } = app.server.address() as { readonly port: number };
  return { url: `${tls ? "https" : "http"}://${host.includes(":") ? `[${host}]` : host}:${port}`, port };
}

/** What is being answered is answered first; whoever takes longer than that is cut off. */
export async function closeListener(app: FastifyInstance): Promise<void> {
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
