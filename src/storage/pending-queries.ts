import { AsyncLocalStorage } from "node:async_hooks";

const current = new AsyncLocalStorage<PendingQueries>();

/** What a piece of work waits for from Postgres: every query that it has sent and that has no answer yet. */
export class PendingQueries {
  readonly #sent = new Set<{ readonly at: number }>();

  /** Runs work whose queries are noted here, however deep they are made. */
  during<R>(work: () => R): R {
    return current.run(this, work);
  }

  /** For how long the oldest of them has been waited for, in ms; 0 when there is none. */
  get longestMs(): number {
    const [oldest] = this.#sent;
    return oldest === undefined ? 0 : performance.now() - oldest.at;
  }

  add(): () => void {
    const query = { at: performance.now() };
    this.#sent.add(query);
    return () => this.#sent.delete(query);
  }
}

/** Notes a query of the work that runs now. Call what it gives when the answer is there. */
export function noteQuery(): () => void {
  return current.getStore()?.add() ?? (() => undefined);
}
