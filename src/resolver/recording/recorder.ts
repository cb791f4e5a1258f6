import { jittered } from "../../domain/jitter.ts";
import { BatchRefused, type ExposureRecord, type RecordReceipt, RetryLater } from "../sources/source.ts";
import { DroppedOutcomes } from "./dropped-outcomes.ts";
import type { OutcomeSubject } from "./outcome.ts";

export interface RecorderOptions {
  /** Sends `{"exposures":[…],"outcomes":[…]}`. Rejects with {@link BatchRefused} when it can never be taken. */
  readonly send: (batch: string, size: number) => Promise<RecordReceipt>;
  readonly flushMs: number;
  readonly batch: number;
  readonly queue: number;
  readonly closeTimeoutMs: number;
  readonly onDropped: (kind: ItemKind, count: number, why: string) => void;
  /** A send that failed and will be tried again. */
  readonly onRetry: (error: unknown) => void;
  readonly onReceipt: (receipt: RecordReceipt) => void;
}

export type ItemKind = "exposure" | "outcome";

interface Item {
  readonly kind: ItemKind;
  readonly json: string;
  /** Called when it is given up. */
  readonly undo?: () => void;
  /** What an outcome is about; of a row that says how many were dropped, none. */
  readonly subject?: OutcomeSubject;
}

/**
 * `collecting`: a full batch is sent, a rest waits for company; `flushing`: all that waits is sent; `closing`: the same,
 * for so long, and nothing more is taken; `closed`: what was left has been dropped.
 */
type State = "collecting" | "flushing" | "closing" | "closed";

const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 2_000;
/** Longest that is waited because the store asks for it. */
const LONGEST_ASKED_MS = 30_000;
/** Characters of JSON in one batch, and waiting at once. */
const BATCH_LENGTH = 4_000_000;
const QUEUE_LENGTH = 64_000_000;

/**
 * Sends what services record, in order and in batches. An item keeps its id until it is taken, so sending
 * again after a lost acknowledgement counts nothing twice. Past its bounds it drops what comes, counts it, and tells the
 * store how many outcomes of which rollout that were, so that a verdict knows what it misses.
 */
export class Recorder {
  readonly #options: RecorderOptions;
  readonly #dropped = new DroppedOutcomes();
  #queue: Item[] = [];
  #length = 0;
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> | undefined;
  #retryMs = 0;
  #wake: (() => void) | undefined;
  #state: State = "collecting";

  constructor(options: RecorderOptions) {
    this.#options = options;
  }

  get waiting(): number {
    return this.#queue.length;
  }

  expose(exposure: ExposureRecord, undo: () => void): void {
    this.#add({ kind: "exposure", json: JSON.stringify(exposure), undo });
  }

  /** `json` is an outcome's row. */
  outcome(json: string, subject: OutcomeSubject): void {
    this.#add({ kind: "outcome", json, subject });
  }

  #add(item: Item): void {
    if (this.#isClosing()) return this.#drop([item], "the resolver has been closed");
    if (this.#queue.length >= this.#options.queue || this.#length + item.json.length > QUEUE_LENGTH)
      return this.#drop([item], `${this.#queue.length} are waiting already`);
    this.#queue.push(item);
    this.#length += item.json.length;
    if (this.#sending) return;
    if (this.#queue.length >= this.#options.batch) this.#send();
    else this.#timer ??= setTimeout(() => this.#send(), this.#options.flushMs);
  }

  /** Sends what waits now; settles when all of it has been taken or given up. */
  async flush(): Promise<void> {
    if (this.#state === "collecting") this.#state = "flushing";
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#send();
    await this.#sending;
    if (this.#state === "flushing") this.#state = "collecting";
  }

  /** Flushes within `closeTimeoutMs`; what is left then is dropped and counted. */
  async close(): Promise<void> {
    if (this.#isClosing()) return this.#sending;
    this.#state = "closing";
    this.#wake?.();
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, this.#options.closeTimeoutMs);
    });
    await Promise.race([this.flush(), deadline]);
    clearTimeout(timer);
    this.#giveUp();
  }

  #isClosing(): boolean {
    return this.#state === "closing" || this.#state === "closed";
  }

  /** Asked again after each wait. */
  #isClosed(): boolean {
    return this.#state === "closed";
  }

  #giveUp(): void {
    this.#state = "closed";
    this.#drop(this.#queue.splice(0), "the store did not take them before the resolver was closed");
    this.#length = 0;
    this.#wake?.();
  }

  #send(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#sending || !this.#hasMore()) return;
    this.#sending = this.#sendAll().finally(() => {
      this.#sending = undefined;
      // Whatever came in while the last batch was under way starts a wait of its own.
      if (this.#hasMore()) this.#timer = setTimeout(() => this.#send(), this.#options.flushMs);
    });
  }

  /** Full batches, and while closing all; a lone rest waits for company. */
  async #sendAll(): Promise<void> {
    let first = true;
    while (
      this.#hasMore() &&
      (first || this.#state !== "collecting" || this.#queue.length >= this.#options.batch)
    ) {
      first = false;
      const batch = this.#nextBatch();
      await this.#sendOne(batch);
      if (this.#isClosed()) return;
    }
  }

  #hasMore(): boolean {
    return this.#queue.length > 0 || !this.#dropped.isEmpty;
  }

  #nextBatch(): Item[] {
    for (const json of this.#dropped.take()) {
      this.#queue.push({ kind: "outcome", json });
      this.#length += json.length;
    }
    let count = 0;
    let length = 0;
    while (count < this.#queue.length && count < this.#options.batch) {
      length += this.#queue[count]!.json.length;
      if (count > 0 && length > BATCH_LENGTH) break;
      count++;
    }
    return this.#queue.slice(0, count);
  }

  async #sendOne(items: readonly Item[]): Promise<void> {
    for (;;) {
      try {
        const receipt = await this.#options.send(batchText(items), items.length);
        this.#retryMs = 0;
        this.#remove(items);
        this.#options.onReceipt(receipt);
        return;
      } catch (error) {
        if (this.#isClosed()) return;
        if (error instanceof BatchRefused) return this.#halve(items, error);
        this.#options.onRetry(error);
        this.#retryMs = Math.min(LAST_RETRY_MS, this.#retryMs * 2 || FIRST_RETRY_MS);
        const asked = error instanceof RetryLater ? Math.min(LONGEST_ASKED_MS, error.afterMs) : 0;
        await this.#pause(asked + jittered(this.#retryMs, Math.random()));
        if (this.#isClosed()) return;
      }
    }
  }

  /** One item that the store can never take must not keep the others: it is found by halving. */
  async #halve(items: readonly Item[], error: BatchRefused): Promise<void> {
    if (items.length === 1) {
      this.#remove(items);
      return this.#drop(items, `the store refused it: ${error.message}`);
    }
    const middle = items.length >> 1;
    await this.#sendOne(items.slice(0, middle));
    if (!this.#isClosed()) await this.#sendOne(items.slice(middle));
  }

  async #pause(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = undefined;
  }

  /** Takes the first items of the queue off it. */
  #remove(items: readonly Item[]): void {
    this.#queue.splice(0, items.length);
    for (const item of items) this.#length -= item.json.length;
  }

  #drop(items: readonly Item[], why: string): void {
    const lost = {
      exposure: items.filter(({ kind }) => kind === "exposure"),
      outcome: items.filter(({ subject }) => subject !== undefined),
    };
    for (const kind of ["exposure", "outcome"] as const)
      if (lost[kind].length > 0) this.#options.onDropped(kind, lost[kind].length, why);
    for (const { subject } of lost.outcome) this.#dropped.add(subject!);
    for (const item of items) item.undo?.();
  }
}

function batchText(items: readonly Item[]): string {
  const of = (kind: ItemKind) => items.flatMap((item) => (item.kind === kind ? [item.json] : [])).join(",");
  return `{"exposures":[${of("exposure")}],"outcomes":[${of("outcome")}]}`;
}
