import type { RolloutChange } from "../storage/read/rollout-changes.ts";

const LOOK_MS = 1_000;

type Listener = (change: RolloutChange) => void;

/** Looks at all open rollouts once a moment, while anybody listens, and tells of those in which something happened. */
export class RolloutNews {
  readonly #listeners = new Set<Listener>();
  /** Those that have been told of nothing yet. */
  readonly #fresh = new Set<Listener>();
  readonly #look: () => Promise<readonly RolloutChange[]>;
  readonly #lookMs: number;
  #timer: NodeJS.Timeout | undefined;
  #known: ReadonlyMap<string, string> | undefined;

  constructor(look: () => Promise<readonly RolloutChange[]>, lookMs: number = LOOK_MS) {
    this.#look = look;
    this.#lookMs = lookMs;
  }

  /**
   * Tells of each rollout that is open, since what the listener knows may be old, and then of what happens, until the
   * function that is given back is called.
   */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    this.#fresh.add(listener);
    if (this.#listeners.size === 1) void this.#turn();
    return () => {
      this.#listeners.delete(listener);
      this.#fresh.delete(listener);
      if (this.#listeners.size > 0) return;
      clearTimeout(this.#timer);
      this.#known = undefined;
    };
  }

  async #turn(): Promise<void> {
    // With the store unreachable nothing is known, and nothing said.
    const found = await this.#look().catch(() => undefined);
    if (this.#listeners.size === 0) return;
    if (found) this.#tell(found);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#turn(), this.#lookMs).unref();
  }

  #tell(found: readonly RolloutChange[]): void {
    const before = this.#known;
    this.#known = new Map(found.map(({ id, state }) => [id, state]));
    const fresh = new Set(this.#fresh);
    this.#fresh.clear();
    for (const change of found) {
      const isNews = before !== undefined && before.get(change.id) !== change.state;
      for (const listener of this.#listeners) if (isNews || fresh.has(listener)) listener(change);
    }
  }
}
