import { Socket } from "node:net";
import pg from "pg";

export interface Connection {
  readonly client: pg.Client;
  /** Closes it, for good and without waiting. */
  readonly end: (error?: unknown) => void;
}

export interface ConnectionOptions {
  readonly settings: pg.ClientConfig;
  /** What it listens to. */
  readonly channel: string;
  readonly onNotification: (payload: string | undefined) => void;
  /** It had been opened, and is gone. */
  readonly onDisconnected: (error: unknown) => void;
  /** Asked once it is open: whether it is still of use. */
  readonly isWanted: () => boolean;
}

/** A connection that listens. Rejects when it cannot be opened. */
export async function openConnection(options: ConnectionOptions): Promise<Connection> {
  const socket = new Socket();
  const client = new pg.Client({ ...options.settings, stream: () => socket });
  let opened = false;
  let ended = false;
  const end = (error?: unknown) => {
    if (ended) return;
    ended = true;
    socket.destroy();
    if (opened) options.onDisconnected(error ?? new Error("the connection was closed"));
  };
  client.on("error", end);
  client.on("end", () => end());
  client.on("notification", ({ payload }) => options.onNotification(payload));
  try {
    await client.connect();
    await client.query(`listen ${options.channel}`);
  } catch (error) {
    end(error);
    throw error;
  }
  // Closed by somebody while it was being opened.
  if (ended || !options.isWanted()) {
    socket.destroy();
    throw new Error("the connection was closed");
  }
  opened = true;
  return { client, end };
}

/** Runs a query. A connection that fails, or that nothing comes back on in time, is given up. */
export async function run<Row>(connection: Connection, query: pg.QueryConfig): Promise<Row[]> {
  try {
    return (await connection.client.query(query)).rows as Row[];
  } catch (error) {
    // No SQLSTATE: it is the connection's failure, or nothing came back in time.
    if ((error as { code?: string }).code === undefined) connection.end(error);
    throw error;
  }
}
