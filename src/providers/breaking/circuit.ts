/** When a circuit opens, and for how long. */
export interface CircuitPolicy {
  /** Failures in a row that open it. */
  readonly inARow: number;
  /** Or: at least half of the calls of this time, in milliseconds, where there were `leastCalls` of them. */
  readonly windowMs: number;
  readonly leastCalls: number;
  /** How long it stays open before one call may try, in milliseconds. */
  readonly openMs: number;
}

export const CIRCUIT_POLICY: CircuitPolicy = { inARow: 10, windowMs: 30_000, leastCalls: 20, openMs: 15_000 };

/** The window is counted in so many parts, of which the oldest is forgotten. */
const PARTS = 30;

interface Part {
  readonly at: number;
  calls: number;
  failures: number;
}

export type CircuitState = "closed" | "open" | "half_open";

/** What this process knows of the health of one thing that calls go to. Times are the caller's, in milliseconds. */
export class Circuit {
  readonly #policy: CircuitPolicy;
  #inARow = 0;
  #parts: Part[] = [];
  #openUntil = 0;
  #isProbed = false;
  reason: string | undefined;
  /** When this process last opened or closed it. */
  changedAt = -Infinity;

  constructor(policy: CircuitPolicy) {
    this.#policy = policy;
  }

  state(now: number): CircuitState {
    if (this.#openUntil === 0) return "closed";
    return now < this.#openUntil ? "open" : "half_open";
  }

  /** How long a call has to wait; 0: it may go now. */
  waitMs(now: number): number {
    if (this.#openUntil === 0) return 0;
    if (now < this.#openUntil) return this.#openUntil - now;
    return this.#isProbed ? this.#policy.openMs / 10 : 0;
  }

  /** A call goes out; of a circuit that was open it is the probe, and the only one. */
  enter(): void {
    if (this.#openUntil > 0) this.#isProbed = true;
  }

  /** A call ended in a way that says nothing, so that another one may be the probe. */
  leave(): void {
    this.#isProbed = false;
  }

  /** True: this closed it. */
  succeeded(now: number): boolean {
    this.#count(now, 0);
    this.#inARow = 0;
    const wasOpen = this.#openUntil > 0;
    if (wasOpen) {
      this.close();
      this.changedAt = now;
    }
    return wasOpen;
  }

  /** True: this opened it. */
  failed(now: number, reason: string): boolean {
    this.#count(now, 1);
    this.#inARow++;
    if (this.#openUntil === 0 && !this.#isTooMany()) return false;
    this.open(now + this.#policy.openMs, reason);
    return true;
  }

  open(until: number, reason: string): void {
    this.#openUntil = until;
    this.#isProbed = false;
    this.changedAt = until - this.#policy.openMs;
    this.reason = reason;
  }

  /** As others have found it. One that is tried here just now is left alone. */
  learn(until: number, reason: string): void {
    if (this.#isProbed || (this.#openUntil > 0 && until <= this.#openUntil)) return;
    this.#openUntil = until;
    this.reason = reason;
  }

  /** Or half open. */
  get isOpen(): boolean {
    return this.#openUntil > 0;
  }

  get isProbed(): boolean {
    return this.#isProbed;
  }

  close(): void {
    this.#openUntil = 0;
    this.#isProbed = false;
    this.#inARow = 0;
    this.#parts = [];
    this.reason = undefined;
  }

  #isTooMany(): boolean {
    const { inARow, leastCalls } = this.#policy;
    if (this.#inARow >= inARow) return true;
    const calls = this.#parts.reduce((sum, part) => sum + part.calls, 0);
    const failures = this.#parts.reduce((sum, part) => sum + part.failures, 0);
    return calls >= leastCalls && failures * 2 >= calls;
  }

  #count(now: number, failures: number): void {
    const { windowMs } = this.#policy;
    const at = Math.floor((now * PARTS) / windowMs);
    const last = this.#parts.at(-1);
    if (last?.at === at) {
      last.calls++;
      last.failures += failures;
      return;
    }
    this.#parts = this.#parts.filter((part) => part.at > at - PARTS);
    this.#parts.push({ at, calls: 1, failures });
  }
}
