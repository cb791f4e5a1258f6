import { jittered } from "../../domain/jitter.ts";
import { type Connection, type ConnectionOptions, openConnection } from "./postgres-connection.ts";

const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 500;
/** Every attempt at a full server costs it a process: those that wait for a place come less often. */
const FULL_RETRY_MS = 2_000;
export const TOO_MANY_CONNECTIONS = "53300";

export interface KeptConnectionOptions extends Omit<ConnectionOptions, "isWanted"> {
  /** It is open, for the first time or again. */
  readonly onConnected: () => void;
  /** It could not be opened, or has ended; it is tried again. */
  readonly onDisconnected: (error: unknown) => void;
}

/** A connection that listens, and is opened again whenever it has ended, until it is closed. */
export class KeptConnection {
  readonly #options: KeptConnectionOptions;
  /** The connection, or the attempt at it; rejected while there is none. */
  #attempt: Promise<Connection> | undefined;
  #current: Connection | undefined;
  #retryMs = FIRST_RETRY_MS;
  #retry: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: KeptConnectionOptions) {
    this.#options = options;
  }

  /** The connection, once it is open. Rejects when it cannot be opened just now, and after {@link close}. */
  async ready(): Promise<Connection> {
    if (this.#closed) throw new Error("the source has been closed");
    if (!this.#attempt) this.open();
    return this.#attempt!;
  }

  /** Opens it, and again later if that fails. */
  open(): void {
    if (this.#closed) return;
    clearTimeout(this.#retry);
    const opening = openConnection({
      ...this.#options,
      onDisconnected: (error) => this.#onDisconnected(error),
      isWanted: () => !this.#closed,
    });
    this.#attempt = opening;
    opening.then(
      (connection) => {
        this.#retryMs = FIRST_RETRY_MS;
        this.#current = connection;
        this.#options.onConnected();
      },
      (error: unknown) => this.#onDisconnected(error),
    );
  }

  /** For good, and without waiting. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
    this.#current?.end();
  }

  #onDisconnected(error: unknown): void {
    this.#current = undefined;
    if (this.#closed) return;
    this.#options.onDisconnected(error);
    this.#retry = setTimeout(() => this.open(), jittered(this.#retryMs, Math.random()));
    const isFull = (error as { code?: string }).code === TOO_MANY_CONNECTIONS;
    this.#retryMs = Math.min(isFull ? FULL_RETRY_MS : LAST_RETRY_MS, this.#retryMs * 2);
  }
}
