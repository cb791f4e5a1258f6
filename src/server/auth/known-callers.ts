import type { Caller } from "../caller.ts";
import { type CheckedKeys, nameOf } from "./checked-keys.ts";

const SWEEP_MS = 1_000;
/** One key can be shown in many spellings, with more blanks than it needs. */
const MOST = 10_000;
const MOST_LENGTH = 512;

interface Known {
  readonly caller: Caller;
  /** What its key is found under. */
  readonly name: string;
}

/**
 * Callers by the `Authorization` header that showed their key, so that a key is read and hashed once and not for each
 * request. Whether it is still good is asked of the checked keys every time: nothing here makes a revoked one last
 * longer. Headers are kept for as long as their key is believed, and a moment more.
 */
export class KnownCallers {
  readonly #keys: Pick<CheckedKeys, "believed">;
  // Found by a text that only its sender knows whole: how long that takes says no more than whether it is there.
  readonly #callers = new Map<string, Known>();
  readonly #sweep: NodeJS.Timeout;

  constructor(keys: Pick<CheckedKeys, "believed">) {
    this.#keys = keys;
    this.#sweep = setInterval(() => this.#forgetOld(), SWEEP_MS).unref();
  }

  /** The caller, where the key in this header has been checked and is believed without asking again. */
  find(authorization: string | undefined): Caller | undefined {
    if (authorization === undefined) return undefined;
    const known = this.#callers.get(authorization);
    return known && this.#isBelieved(known) ? known.caller : undefined;
  }

  /** Keeps who has been found by this header. */
  keep(authorization: string, caller: Caller): void {
    if (authorization.length > MOST_LENGTH) return;
    if (this.#callers.size >= MOST) this.#callers.clear();
    this.#callers.set(authorization, { caller, name: nameOf(caller.shown) });
  }

  close(): void {
    clearInterval(this.#sweep);
    this.#callers.clear();
  }

  #isBelieved({ caller, name }: Known): boolean {
    return this.#keys.believed(name) === caller.key;
  }

  #forgetOld(): void {
    for (const [authorization, known] of this.#callers)
      if (!this.#isBelieved(known)) this.#callers.delete(authorization);
  }
}
