import type { CircuitAnswer, CircuitExchange } from "../../domain/models/circuits.ts";
import type { SpentBudget } from "../../domain/monitors/spent-budget.ts";
import type {
  RecordReceipt,
  Source,
  SourceAnswer,
  SourceQuery,
  SourceVersion,
  VersionQuery,
} from "../../resolver/index.ts";
import { PostgresSource } from "../../resolver/sources/postgres.ts";
import { CoalescedReads } from "./coalesced-reads.ts";
import { WatchedTogether } from "./watched-together.ts";
import { Writers } from "./writers.ts";

/**
 * Postgres as the server's own resolver, every remote one, and every stream share it: one connection that reads and
 * listens, and a few that write.
 */
export class SharedSource extends WatchedTogether implements Source {
  readonly name: string;
  readonly #store: PostgresSource;
  readonly #writers: Writers;
  readonly reads: CoalescedReads;

  constructor(databaseUrl: string, listenUrl = databaseUrl) {
    super();
    this.#store = new PostgresSource(listenUrl);
    this.name = this.#store.name;
    this.reads = new CoalescedReads(this.#store);
    this.#writers = new Writers(databaseUrl);
    this.#store.watch(this.listeners);
  }

  /** For how long notifications have not been heard, in ms; 0 while they are. */
  get silentMs(): number {
    return this.listeners.silentMs;
  }

  read(query: SourceQuery): Promise<SourceAnswer> {
    return this.reads.read(query);
  }

  readVersion(which: VersionQuery): Promise<SourceVersion | undefined> {
    return this.#store.readVersion(which);
  }

  record(batch: string): Promise<RecordReceipt> {
    return this.#writers.record(batch);
  }

  reportServing(report: string): Promise<boolean> {
    return this.#writers.reportServing(report);
  }

  exchangeCircuits(exchange: CircuitExchange): Promise<CircuitAnswer | undefined> {
    return this.#writers.exchangeCircuits(exchange);
  }

  readSpentBudgets(): Promise<readonly SpentBudget[] | undefined> {
    return this.#writers.readSpentBudgets();
  }

  reportCallers(report: string): Promise<boolean | undefined> {
    return this.#writers.reportCallers(report);
  }

  async end(): Promise<void> {
    this.listeners.clear();
    await Promise.all([this.#store.close(), this.#writers.close()]);
  }
}
