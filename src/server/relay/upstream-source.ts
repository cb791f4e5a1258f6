import { setTimeout as delay } from "node:timers/promises";
import type { CircuitAnswer, CircuitExchange } from "../../domain/models/circuits.ts";
import type { SpentBudget } from "../../domain/monitors/spent-budget.ts";
import { unavailable } from "../../domain/errors.ts";
import type {
  RecordReceipt,
  Source,
  SourceAnswer,
  SourceQuery,
  SourceVersion,
  VersionQuery,
} from "../../resolver/index.ts";
import { CoalescedReads } from "../serving/coalesced-reads.ts";
import { WatchedTogether } from "../serving/watched-together.ts";
import type { ServedSource } from "../serving-parts.ts";
import type { LastKnown } from "./keeping/last-known.ts";

/** How long a read waits for the server where what it said last could be answered, in ms. */
const PATIENCE_MS = 1_000;
/** And once one has waited in vain. */
const NO_PATIENCE_MS = 50;

/** What a relay asks of its server. */
export type UpstreamStore = Required<
  Pick<
    Source,
    | "name"
    | "read"
    | "readVersion"
    | "reportServing"
    | "exchangeCircuits"
    | "readSpentBudgets"
    | "reportCallers"
    | "watch"
    | "close"
  >
>;

/**
 * The server as a relay's own resolver and every remote one share it: one stream, and reads that are asked together.
 * While it cannot be asked, what it said last is answered, with its age.
 */
export class UpstreamSource extends WatchedTogether implements Source, ServedSource {
  readonly name: string;
  readonly #store: UpstreamStore;
  readonly #known: LastKnown;
  readonly #record: (batch: string) => Promise<RecordReceipt>;
  readonly #reads: CoalescedReads;
  readonly #onAway: (isAway: boolean, why?: unknown) => void;
  #isAway = false;
  #wasReached = false;

  constructor(
    store: UpstreamStore,
    known: LastKnown,
    {
      record,
      onAway,
    }: {
      readonly record: (batch: string) => Promise<RecordReceipt>;
      /** It cannot be asked any more, and why as far as that is known, or can be again. */
      readonly onAway: (isAway: boolean, why?: unknown) => void;
    },
  ) {
    super();
    this.#store = store;
    this.#known = known;
    this.#record = record;
    this.#onAway = onAway;
    this.name = store.name;
    this.#reads = new CoalescedReads({ read: (query) => this.#readStore(query) });
    store.watch({
      moved: (scope) => this.listeners.moved(scope),
      connected: () => {
        this.#wasReached = true;
        this.listeners.connected();
      },
      // What is known can still be asked for, so nobody who reads from here is told that nothing can.
      disconnected: (error) => this.#setAway(true, error),
    });
  }

  /** Whether the server could not be asked when it last should have been. */
  get isAway(): boolean {
    return this.#isAway;
  }

  /** Whether it has been reached at all. */
  get wasReached(): boolean {
    return this.#wasReached;
  }

  /** How often the server has been asked for pointers. */
  get reads(): number {
    return this.#reads.reads;
  }

  async read(query: SourceQuery): Promise<SourceAnswer> {
    const fresh = this.#reads.read(query);
    const patience = new AbortController();
    const patienceMs = this.#isAway ? NO_PATIENCE_MS : PATIENCE_MS;
    const late = delay(patienceMs, "late" as const, { ref: false, signal: patience.signal });
    late.catch(() => undefined);
    try {
      const answer = await Promise.race([fresh, late]);
      if (answer !== "late") return answer;
      fresh.catch(() => undefined);
      this.#setAway(true);
      return this.#known.answer(query) ?? (await fresh);
    } catch (error) {
      const last = this.#known.answer(query);
      if (last) return last;
      throw unavailable(
        `${this.name} cannot be reached, and not all that is asked for has been served here yet; try again in a moment`,
        {},
        error,
      );
    } finally {
      patience.abort();
    }
  }

  async readVersion(which: VersionQuery): Promise<SourceVersion | undefined> {
    const known =
      "id" in which ? this.#known.version(which.id) : this.#known.versionNumbered(which.prompt, which.number);
    if (known) return known;
    const found = await this.#store.readVersion(which).catch((error: unknown) => {
      throw unavailable(`${this.name} cannot be reached, and this version is not known here`, {}, error);
    });
    if (found) this.#known.keep(found);
    return found;
  }

  record(batch: string): Promise<RecordReceipt> {
    return this.#record(batch);
  }

  async reportServing(report: string): Promise<boolean> {
    return this.#store.reportServing(report);
  }

  async exchangeCircuits(exchange: CircuitExchange): Promise<CircuitAnswer | undefined> {
    return this.#store.exchangeCircuits(exchange);
  }

  async readSpentBudgets(): Promise<readonly SpentBudget[] | undefined> {
    return this.#store.readSpentBudgets();
  }

  async reportCallers(report: string): Promise<boolean | undefined> {
    return this.#store.reportCallers(report);
  }

  async end(): Promise<void> {
    this.listeners.clear();
    await this.#store.close();
  }

  /** What is here already is not sent again. */
  async #readStore(query: SourceQuery): Promise<SourceAnswer> {
    const askedAt = performance.now();
    try {
      const asked = { scopes: query.scopes, have: this.#known.versionsOf(query.scopes) };
      const answer = await this.#store.read(asked);
      this.#known.learn(query.scopes, answer, askedAt);
      this.#wasReached = true;
      this.#setAway(false);
      const spentMs = performance.now() - askedAt;
      return this.#known.whole(query, { ...answer, pointers: answer.pointers.map(withLease(spentMs)) });
    } catch (error) {
      this.#setAway(true, error);
      throw error;
    }
  }

  #setAway(isAway: boolean, why?: unknown): void {
    if (isAway === this.#isAway) return;
    this.#isAway = isAway;
    this.#onAway(isAway, why);
  }
}

/** A lease is passed on less the time since it was asked for. */
function withLease(spentMs: number) {
  return <P extends { readonly leaseMs: number }>(pointer: P): P =>
    pointer.leaseMs === 0
      ? pointer
      : { ...pointer, leaseMs: Math.max(0, Math.floor(pointer.leaseMs - spentMs)) };
}
