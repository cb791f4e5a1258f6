import type { PostgresCursor, PostgresPool, PostgresPoolClient, PostgresQueryResult } from "kysely";
import type pg from "pg";
import { noteQuery } from "./pending-queries.ts";

/** The server is told to give up before the client does, so that a slow statement is an answer, not a silence. */
const SERVER_SHARE = 0.8;

/**
 * A pool whose queries end: with an answer, or with `ETIMEDOUT` after so many ms. A connection that has not
 * answered is closed, and so are those that have said nothing since that query was sent: what has swallowed
 * one has probably swallowed all.
 */
export function timedPool(pool: pg.Pool, queryTimeoutMs: number): PostgresPool {
  const known = new WeakMap<pg.PoolClient, TimedClient>();
  let silentSince = -Infinity;
  const onSilence = (sentAt: number) => (silentSince = Math.max(silentSince, sentAt));
  return {
    options: pool.options,
    async connect() {
      const noted = noteQuery();
      try {
        for (;;) {
          const client = await pool.connect();
          const found = known.get(client);
          if (found !== undefined && found.answeredAt >= silentSince) return found;
          if (found !== undefined) {
            client.release(true);
            continue;
          }
          const timed = new TimedClient(client, queryTimeoutMs, onSilence);
          await timed.limitStatements();
          known.set(client, timed);
          return timed;
        }
      } finally {
        noted();
      }
    },
    end: () => pool.end(),
  };
}

class TimedClient implements PostgresPoolClient {
  /** By the monotonic clock. */
  answeredAt = performance.now();
  readonly #client: pg.PoolClient;
  readonly #timeoutMs: number;
  readonly #onSilence: (sentAt: number) => void;
  #isSilent = false;

  constructor(client: pg.PoolClient, timeoutMs: number, onSilence: (sentAt: number) => void) {
    this.#client = client;
    this.#timeoutMs = timeoutMs;
    this.#onSilence = onSilence;
  }

  /**
   * Makes the server end a statement that is too slow, and a transaction whose client is frozen or gone: its
   * locks would keep everybody else from the row. A statement and not a start-up parameter: poolers refuse those.
   */
  async limitStatements(): Promise<void> {
    const ms = String(Math.round(this.#timeoutMs * SERVER_SHARE));
    try {
      await this.query(
        `select set_config('statement_timeout', $1, false),
                set_config('idle_in_transaction_session_timeout', $1, false)`,
        [ms],
      );
    } catch (error) {
      this.#client.release(true);
      throw error;
    }
  }

  query<R>(text: string, values: readonly unknown[]): Promise<PostgresQueryResult<R>>;
  query<R>(cursor: PostgresCursor<R>): PostgresCursor<R>;
  query<R>(
    query: string | PostgresCursor<R>,
    values?: readonly unknown[],
  ): Promise<PostgresQueryResult<R>> | PostgresCursor<R> {
    if (typeof query !== "string") throw new Error("cursors have no time-out, and are not used");
    return this.#ask(query, values);
  }

  async #ask<R>(text: string, values: readonly unknown[] = []): Promise<PostgresQueryResult<R>> {
    // What is still to be said on a silent connection, such as a rollback, would wait as long again.
    if (this.#isSilent) throw silence(this.#timeoutMs);
    const sentAt = performance.now();
    const noted = noteQuery();
    let timer: NodeJS.Timeout | undefined;
    try {
      const timedOut = new Promise<never>((_, reject) => {
        timer = setTimeout(() => {
          this.#isSilent = true;
          this.#onSilence(sentAt);
          reject(silence(this.#timeoutMs));
        }, this.#timeoutMs);
      });
      const answer = this.#client.query(text, values as unknown[]);
      return (await Promise.race([answer, timedOut])) as unknown as PostgresQueryResult<R>;
    } finally {
      clearTimeout(timer);
      noted();
      if (!this.#isSilent) this.answeredAt = performance.now();
    }
  }

  release(destroy = false): void {
    this.#client.release(destroy || this.#isSilent);
  }
}

function silence(ms: number): Error {
  return Object.assign(new Error(`Postgres has not answered within ${ms / 1000} s`), { code: "ETIMEDOUT" });
}
