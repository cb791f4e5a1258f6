import { setTimeout as delay } from "node:timers/promises";
import { jittered } from "../../../domain/jitter.ts";
import { halved, readReport, type Report, together } from "./report.ts";
import type { Spool, Spooled } from "./spool.ts";

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 5_000;
/** Of what is sent together, at most, in bytes. */
const TOGETHER_BYTES = 2 << 20;
const MOST_TOGETHER = 200;

/** What the server said of a report: `refused`, that it can never be taken. */
export interface Sent {
  readonly taken: boolean;
  readonly status: number;
  readonly body: unknown;
}

export interface LaneOptions {
  readonly spool: Spool;
  /** Reports are sent one after another, and several of them together where they can be. Otherwise so many at once. */
  readonly atOnce: number;
  readonly areMerged: boolean;
  /** Rejects where it may be taken later. */
  readonly send: (report: Report) => Promise<Sent>;
  /** Nobody waits for it, and it can never be taken. */
  readonly onRefused: (status: number) => void;
  /** It could not be sent after all went well; it is tried again. */
  readonly onTrouble: (error: unknown) => void;
}

/** One report in a lane, and whoever waits to hear what the server says of it. */
export interface InLane {
  readonly spooled: Spooled;
  /** While somebody waits; what nobody waits for is read from the disk when its turn comes. */
  report: Report | undefined;
  /** Undefined: it is kept, and sent when it can be. */
  answered: ((sent: Sent | undefined) => void) | undefined;
}

/** Sends what is spooled, in order, until it is taken. */
export class Lane {
  readonly #options: LaneOptions;
  readonly #queue: InLane[] = [];
  readonly #stopped = new AbortController();
  readonly #workers = new Set<Promise<void>>();
  #waitMs = 0;

  constructor(options: LaneOptions) {
    this.#options = options;
  }

  get waiting(): number {
    return this.#queue.length;
  }

  /** Whether the last attempt has failed. */
  get isStuck(): boolean {
    return this.#waitMs > 0;
  }

  add(one: InLane): void {
    this.#queue.push(one);
    this.#start();
  }

  #start(): void {
    if (this.#workers.size >= this.#options.atOnce || this.#stopped.signal.aborted) return;
    const worker = this.#work().finally(() => {
      this.#workers.delete(worker);
      // What came between its last look at the queue and now has started nobody.
      if (this.#queue.length > 0) this.#start();
    });
    this.#workers.add(worker);
  }

  async #work(): Promise<void> {
    while (this.#queue.length > 0 && !this.#stopped.signal.aborted) {
      const { group, reports } = await this.#next();
      if (group.length === 0) continue;
      const finished = await this.#sendGroup(group, reports);
      // What was not sent stays on disk, for the next process.
      if (!finished) return;
      for (const { spooled } of group) this.#options.spool.done(spooled);
    }
  }

  /** The next ones of the queue that are sent together. */
  async #next(): Promise<{ group: InLane[]; reports: Report[] }> {
    const group: InLane[] = [];
    const reports: Report[] = [];
    let bytes = 0;
    while (this.#queue.length > 0 && group.length < (this.#options.areMerged ? MOST_TOGETHER : 1)) {
      const one = this.#queue.shift()!;
      bytes += one.spooled.length;
      const report = one.report ?? readReport(await this.#options.spool.read(one.spooled));
      if (report && reports[0] && (bytes > TOGETHER_BYTES || !haveSameGrants(report, reports[0]))) {
        // Of the one that sends in order; nobody else has taken anything meanwhile.
        this.#queue.unshift(one);
        break;
      }
      if (!report) {
        this.#options.onRefused(0);
        this.#options.spool.done(one.spooled);
        continue;
      }
      group.push(one);
      reports.push(report);
    }
    return { group, reports };
  }

  /** Whether all of it was taken, or never can be. */
  async #sendGroup(group: readonly InLane[], reports: readonly Report[]): Promise<boolean> {
    const sent = await this.#sendUntilAnswered(together(reports), group);
    if (!sent) return false;
    const [only] = group;
    if (group.length === 1 && only) {
      if (!only.answered) return sent.taken || this.#sendHalves(reports[0]!, sent.status);
      only.answered(sent);
      return true;
    }
    if (sent.taken) {
      for (const { answered } of group) answered?.(undefined);
      return true;
    }
    for (const [index, one] of group.entries())
      if (!(await this.#sendGroup([one], [reports[index]!]))) return false;
    return true;
  }

  /** One record that can never be taken must not keep the others: it is found by halving. */
  async #sendHalves(report: Report, status: number): Promise<boolean> {
    const halves = halved(report);
    if (!halves) {
      this.#options.onRefused(status);
      return true;
    }
    for (const half of halves) {
      const sent = await this.#sendUntilAnswered(half, []);
      if (!sent || !(sent.taken || (await this.#sendHalves(half, sent.status)))) return false;
    }
    return true;
  }

  /** Undefined where it was stopped before there was an answer. */
  async #sendUntilAnswered(report: Report, group: readonly InLane[]): Promise<Sent | undefined> {
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      try {
        const sent = await this.#options.send(report);
        this.#waitMs = 0;
        return sent;
      } catch (error) {
        if (this.#waitMs === 0) this.#options.onTrouble(error);
        this.#waitMs = Math.min(LONGEST_WAIT_MS, this.#waitMs * 2 || FIRST_WAIT_MS);
        for (const one of [...group, ...this.#queue]) stopWaiting(one);
        await delay(jittered(this.#waitMs, Math.random()), undefined, { signal }).catch(() => undefined);
      }
    }
    return undefined;
  }

  /** Sends what is left within this time; what is not sent then stays. */
  async close(withinMs: number): Promise<void> {
    const late = setTimeout(() => this.#stopped.abort(), withinMs);
    // One that waits for a server that is away is not waited for.
    if (this.isStuck) this.#stopped.abort();
    await Promise.all(this.#workers);
    clearTimeout(late);
    this.#stopped.abort();
    for (const one of this.#queue) stopWaiting(one);
  }
}

/** It is kept, whatever becomes of it now. */
export function stopWaiting(one: InLane): void {
  one.answered?.(undefined);
  one.answered = undefined;
  one.report = undefined;
}

function haveSameGrants(a: Report, b: Report): boolean {
  return JSON.stringify(a.grants) === JSON.stringify(b.grants);
}
