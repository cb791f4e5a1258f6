import { setTimeout as delay } from "node:timers/promises";
import { digestText } from "../digest.ts";
import type { RolloutStatus } from "../domain/rollout/rollout.ts";

/** Between two looks at a rollout that somebody watches, in ms. */
const LOOK_MS = 1_000;
const ID_DIGITS = 16;

export interface SeenStatus {
  /** The same for the same state, of whichever server. */
  readonly id: string;
  /** As JSON, which is the same text for all who watch. */
  readonly text: string;
  readonly status: RolloutStatus;
}
type Listener = (seen: SeenStatus) => void;

interface Watch {
  readonly listeners: Set<Listener>;
  seen?: SeenStatus;
}

/** Looks at each rollout that is watched, once a moment however many watch it, and notifies them of what has changed. */
export class RolloutWatches {
  readonly #watches = new Map<string, Watch>();
  readonly #look: (rolloutId: string) => Promise<RolloutStatus | undefined>;
  readonly #lookMs: number;
  /** How often a rollout has been looked at. */
  looks = 0;

  constructor(look: (rolloutId: string) => Promise<RolloutStatus | undefined>, lookMs: number = LOOK_MS) {
    this.#look = look;
    this.#lookMs = lookMs;
  }

  /** Notifies of the state, and each change of it, until the rollout has ended or the function that is given back is called. */
  watch(rolloutId: string, listener: Listener): () => void {
    const known = this.#watches.get(rolloutId);
    const watch: Watch = known ?? { listeners: new Set() };
    watch.listeners.add(listener);
    if (watch.seen) listener(watch.seen);
    if (!known) {
      this.#watches.set(rolloutId, watch);
      void this.#run(rolloutId, watch);
    }
    return () => void watch.listeners.delete(listener);
  }

  async #run(rolloutId: string, watch: Watch): Promise<void> {
    while (watch.listeners.size > 0 && (watch.seen?.status.outcome ?? null) === null) {
      this.looks++;
      // With the store unreachable nothing is known, and nothing said: the stream goes on.
      const status = await this.#look(rolloutId).catch(() => undefined);
      if (status) this.#notify(watch, status);
      await delay(this.#lookMs, undefined, { ref: false });
    }
    this.#watches.delete(rolloutId);
  }

  #notify(watch: Watch, status: RolloutStatus): void {
    const text = JSON.stringify(status);
    // Another look that finds the same is nothing new.
    const id = digestText(JSON.stringify({ ...status, tick: null })).slice(0, ID_DIGITS);
    if (watch.seen?.id === id) return;
    watch.seen = { id, text, status };
    for (const listener of watch.listeners) listener(watch.seen);
  }
}
