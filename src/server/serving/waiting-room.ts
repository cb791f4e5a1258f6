import { RetryLater } from "../../resolver/index.ts";

/** Characters of reports that wait for Postgres at once; whoever sends more keeps it, and comes again. */
const MOST_WAITING = 64 << 20;
const AGAIN_MS = 1_000;

/** Where what services report waits for Postgres, and no more of it than there is room for. */
export class WaitingRoom {
  readonly #most: number;
  #waiting = 0;

  constructor(most = MOST_WAITING) {
    this.#most = most;
  }

  /** Rejects with {@link RetryLater} while as much waits as may; one that waits alone may be of any length. */
  async through<T>(length: number, work: () => Promise<T>): Promise<T> {
    if (this.#waiting > 0 && this.#waiting + length > this.#most)
      throw new RetryLater("more outcomes wait for Postgres than this server holds", AGAIN_MS);
    this.#waiting += length;
    try {
      return await work();
    } finally {
      this.#waiting -= length;
    }
  }
}
