import { STALE_AFTER_MS } from "../options.ts";

/** Looks that come so soon after each other, in ms, are of one loop. */
const TOGETHER_MS = 0.02;
/** As many looks of a loop share one reading of the clock. */
const SHARED = 64;

/**
 * Whether what is in memory may be too old, by the clock at the moment of the look: a timer would be late in a
 * process that was frozen, and what it then serves has grown old meanwhile. Looks close together in one turn of the
 * event loop, between which nothing can have been read, share a reading, for it costs as much as all the rest.
 */
export class Freshness {
  readonly #confirmedAt: () => number;
  #last: "memory" | "stale" = "memory";
  #lookedAt = -Infinity;
  /** Looks that are still answered by the last reading. */
  #shared = 0;
  #turning = false;

  /** `confirmedAt` tells when memory was last known to be as the store has it, on the monotonic clock in ms. */
  constructor(confirmedAt: () => number) {
    this.#confirmedAt = confirmedAt;
  }

  get now(): "memory" | "stale" {
    if (this.#shared === 0) return this.#look();
    this.#shared--;
    return this.#last;
  }

  #look(): "memory" | "stale" {
    const now = performance.now();
    this.#last = now - this.#confirmedAt() > STALE_AFTER_MS ? "stale" : "memory";
    if (now - this.#lookedAt < TOGETHER_MS) this.#share();
    this.#lookedAt = now;
    return this.#last;
  }

  #share(): void {
    this.#shared = SHARED;
    if (this.#turning) return;
    this.#turning = true;
    // Before anything else that the event loop brings: what comes then reads the clock itself.
    process.nextTick(this.#turned);
  }

  readonly #turned = (): void => {
    this.#turning = false;
    this.#shared = 0;
  };
}
