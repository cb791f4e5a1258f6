import type { CircuitAnswer, CircuitExchange } from "../../domain/models/circuits.ts";
import { type RecordReceipt, RetryLater } from "../../resolver/index.ts";
import { PostgresSource } from "../../resolver/sources/postgres.ts";

/** Connections that write what services report, beside the one that reads and listens. */
const WRITERS = 4;
/** Characters of batches that wait for Postgres at once; whoever sends more keeps it, and comes again. */
const MOST_WAITING = 64 << 20;
const AGAIN_MS = 1_000;

/** Writes batches and reports, each over the connection that has least to do. */
export class Writers {
  readonly #mostWaiting: number;
  #waiting = 0;
  readonly #lanes: readonly { readonly source: PostgresSource; busy: number }[];

  constructor(databaseUrl: string, mostWaiting = MOST_WAITING) {
    this.#mostWaiting = mostWaiting;
    this.#lanes = Array.from({ length: WRITERS }, () => ({
      source: new PostgresSource(databaseUrl),
      busy: 0,
    }));
  }

  /** Rejects with {@link RetryLater} while as much waits as may. */
  async record(batch: string): Promise<RecordReceipt> {
    if (this.#waiting > 0 && this.#waiting + batch.length > this.#mostWaiting)
      throw new RetryLater("more outcomes wait for Postgres than this server holds", AGAIN_MS);
    this.#waiting += batch.length;
    try {
      return await this.#through((source) => source.record(batch));
    } finally {
      this.#waiting -= batch.length;
    }
  }

  reportServing(report: string): Promise<boolean> {
    return this.#through((source) => source.reportServing(report));
  }

  exchangeCircuits(exchange: CircuitExchange): Promise<CircuitAnswer | undefined> {
    return this.#through((source) => source.exchangeCircuits(exchange));
  }

  reportCallers(report: string): Promise<boolean | undefined> {
    return this.#through((source) => source.reportCallers(report));
  }

  async #through<T>(work: (source: PostgresSource) => Promise<T>): Promise<T> {
    const lane = this.#lanes.reduce((least, one) => (one.busy < least.busy ? one : least));
    lane.busy++;
    try {
      return await work(lane.source);
    } finally {
      lane.busy--;
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#lanes.map(({ source }) => source.close()));
  }
}
