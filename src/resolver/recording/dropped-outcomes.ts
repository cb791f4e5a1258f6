import type { OutcomeSubject } from "./outcome.ts";
import { timeOrderedId } from "./time-ordered-id.ts";

/** Versions in rollouts that are told apart; what is dropped of more than these is counted by this process alone. */
const MOST_KEPT = 1_000;

interface Dropped {
  readonly subject: OutcomeSubject;
  count: number;
}

/** How many outcomes of each version in each rollout were dropped, until that has been put among what is sent. */
export class DroppedOutcomes {
  readonly #counts = new Map<string, Dropped>();

  get isEmpty(): boolean {
    return this.#counts.size === 0;
  }

  /** Only what an enrolled unit's verdict will miss is told. */
  add(subject: OutcomeSubject): void {
    const { rolloutId, unit, versionId } = subject;
    if (rolloutId === null || unit === null) return;
    const key = `${rolloutId} ${versionId}`;
    const known = this.#counts.get(key);
    if (known) known.count++;
    else if (this.#counts.size < MOST_KEPT) this.#counts.set(key, { subject, count: 1 });
  }

  /** A row for each, as an outcome that stands for those that were dropped, and begins anew. */
  take(): string[] {
    const rows = [...this.#counts.values()].map(
      ({ subject: { versionId, rolloutId, label, model, tenant }, count }) =>
        JSON.stringify({
          id: timeOrderedId(),
          version: versionId,
          rollout: rolloutId,
          unit: null,
          label,
          model,
          tenant,
          metrics: {},
          dropped: count,
        }),
    );
    this.#counts.clear();
    return rows;
  }
}
