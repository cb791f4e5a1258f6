import { scopeKey, type ScopeColumns } from "../../domain/scope.ts";
import { STALE_AFTER_MS } from "../options.ts";
import type { Source, SourceAnswer } from "../sources/source.ts";

/** How long one read may take before the store counts as unreachable. Short of the bound on staleness. */
const READ_TIMEOUT_MS = 4_500;
/** Scopes in one query. */
const CHUNK = 2_000;

export interface StoreReaderOptions {
  readonly source: Source;
  readonly pollMs: number;
  /** Whether a move of this scope is of any interest here. */
  readonly matters: (scope: ScopeColumns) => boolean;
  /** Every scope in memory: what a poll confirms. Called when no read is under way. */
  readonly inMemory: () => ScopeColumns[];
  readonly have: () => string[];
  readonly onAnswer: (scopes: readonly ScopeColumns[], answer: SourceAnswer, askedAt: number) => void;
  /** The store has become unreachable or come back. */
  readonly onUnreachable: (unreachable: boolean, error: unknown) => void;
  /** Nothing has been confirmed for {@link STALE_AFTER_MS}. Late where the process could not run. */
  readonly onStale: () => void;
}

/**
 * Asks the source, one read at a time: for what is newly wanted, and every `pollMs` for all that is in
 * memory. Wishes made meanwhile go together into the next read, so no key is ever asked for twice at once.
 */
export class StoreReader {
  readonly #options: StoreReaderOptions;
  #wanted = new Map<string, ScopeColumns>();
  #pollDue = false;
  #reading = false;
  #scheduled = false;
  #closed = false;
  #unreachable = false;
  #polledMs = 0;
  #polledAt = performance.now();
  /** When what is in memory was last confirmed as a whole. */
  #confirmedAt = performance.now();
  #pollTimer: NodeJS.Timeout | undefined;
  #staleTimer: NodeJS.Timeout | undefined;

  constructor(options: StoreReaderOptions) {
    this.#options = options;
  }

  get unreachable(): boolean {
    return this.#unreachable;
  }

  /**
   * The time there has been to use something, in ms, as far as the last poll. A poll counts for what has
   * passed since the one before, and for one interval at most: neither a connection that flaps nor a process
   * that was frozen makes anything look unused.
   */
  get polledMs(): number {
    return this.#polledMs;
  }

  /** Since when, in ms of the monotonic clock, everything in memory was as the store had it. */
  get confirmedAt(): number {
    return this.#confirmedAt;
  }

  start(): void {
    this.#options.source.watch({
      moved: (scope) => {
        if (scope === undefined) this.poll();
        else if (this.#options.matters(scope)) this.want([scope]);
      },
      connected: () => this.poll(),
      disconnected: (error) => this.#setUnreachable(true, error),
    });
    this.#armStale();
    // A source that never says that it is connected is polled all the same.
    this.#armPoll();
  }

  /** Reads these soon; while the store is unreachable, when it is back. */
  want(scopes: readonly ScopeColumns[]): void {
    for (const scope of scopes) this.#wanted.set(scopeKey(scope), scope);
    this.#schedule();
  }

  /** Confirms all that is in memory, now. */
  poll(): void {
    this.#pollDue = true;
    this.#schedule();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#pollTimer);
    clearTimeout(this.#staleTimer);
  }

  #schedule(): void {
    if (this.#scheduled || this.#reading || this.#closed) return;
    // While the store is unreachable only polls go out: each resolve must not cost it a query.
    if (this.#unreachable && !this.#pollDue) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      void this.#read();
    });
  }

  async #read(): Promise<void> {
    if (this.#reading || this.#closed) return;
    const poll = this.#pollDue;
    const wanted = this.#wanted;
    this.#wanted = new Map();
    this.#pollDue = false;
    if (poll) {
      const now = performance.now();
      this.#polledMs += Math.round(Math.min(this.#options.pollMs, now - this.#polledAt));
      this.#polledAt = now;
      this.#armPoll();
      for (const scope of this.#options.inMemory()) wanted.set(scopeKey(scope), scope);
    }
    if (wanted.size === 0 && !poll) return;
    this.#reading = true;
    const startedAt = performance.now();
    try {
      const ageMs = await this.#readChunks([...wanted.values()]);
      if (poll) this.#confirm(startedAt - ageMs);
      this.#setUnreachable(false, undefined);
    } catch (error) {
      // What was not answered stays wanted.
      for (const [key, scope] of wanted) if (!this.#wanted.has(key)) this.#wanted.set(key, scope);
      this.#setUnreachable(true, error);
    } finally {
      this.#reading = false;
      if (this.#wanted.size > 0 || this.#pollDue) this.#schedule();
    }
  }

  /** How old the oldest answer was when it came, in ms. */
  async #readChunks(scopes: readonly ScopeColumns[]): Promise<number> {
    let ageMs = 0;
    for (let i = 0; i === 0 || i < scopes.length; i += CHUNK) {
      const chunk = scopes.slice(i, i + CHUNK);
      const askedAt = performance.now();
      const query = { scopes: chunk, have: this.#options.have() };
      const answer = await inTime(this.#options.source.read(query), this.#options.source.name);
      if (this.#closed) break;
      ageMs = Math.max(ageMs, answer.ageMs ?? 0);
      // Known before anybody is served it: what is as old as that may be all that there is.
      if (ageMs > 0) this.#confirm(Math.min(this.#confirmedAt, askedAt - ageMs));
      this.#options.onAnswer(chunk, answer, askedAt);
    }
    return ageMs;
  }

  /** From start to start, so that a slow answer does not make the next one later. */
  #armPoll(): void {
    clearTimeout(this.#pollTimer);
    if (!this.#closed) this.#pollTimer = setTimeout(() => this.poll(), this.#options.pollMs).unref();
  }

  #confirm(at: number): void {
    this.#confirmedAt = at;
    this.#armStale();
  }

  #armStale(): void {
    clearTimeout(this.#staleTimer);
    if (this.#closed) return;
    const left = this.#confirmedAt + STALE_AFTER_MS - performance.now();
    this.#staleTimer = setTimeout(() => this.#options.onStale(), Math.max(0, left)).unref();
  }

  #setUnreachable(unreachable: boolean, error: unknown): void {
    if (this.#closed || (unreachable === this.#unreachable && !unreachable)) return;
    this.#unreachable = unreachable;
    this.#options.onUnreachable(unreachable, error);
  }
}

async function inTime<T>(work: Promise<T>, name: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`${name} did not answer within ${READ_TIMEOUT_MS} ms`)),
      READ_TIMEOUT_MS,
    );
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
