import type { CircuitAnswer, CircuitExchange } from "../../domain/models/circuits.ts";
import type { SpentBudget } from "../../domain/monitors/spent-budget.ts";
import type { RecordReceipt } from "../../resolver/index.ts";
import { PostgresSource } from "../../resolver/sources/postgres.ts";
import { WaitingRoom } from "./waiting-room.ts";

/** Connections that write what services report, beside the one that reads and listens. */
const WRITERS = 4;

/** Writes batches and reports, each over the connection that has least to do. */
export class Writers {
  readonly #room: WaitingRoom;
  readonly #lanes: readonly { readonly source: PostgresSource; busy: number }[];

  constructor(databaseUrl: string, mostWaiting?: number) {
    this.#room = new WaitingRoom(mostWaiting);
    this.#lanes = Array.from({ length: WRITERS }, () => ({
      source: new PostgresSource(databaseUrl),
      busy: 0,
    }));
  }

  /** Rejects with `RetryLater` while as much waits as may. */
  record(batch: string): Promise<RecordReceipt> {
    return this.#room.through(batch.length, () => this.#through((source) => source.record(batch)));
  }

  reportServing(report: string): Promise<boolean> {
    return this.#through((source) => source.reportServing(report));
  }

  exchangeCircuits(exchange: CircuitExchange): Promise<CircuitAnswer | undefined> {
    return this.#through((source) => source.exchangeCircuits(exchange));
  }

  readSpentBudgets(): Promise<readonly SpentBudget[] | undefined> {
    return this.#through((source) => source.readSpentBudgets());
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
