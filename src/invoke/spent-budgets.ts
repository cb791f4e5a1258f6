import { isSpentBy, type SpentBudget } from "../domain/monitors/spent-budget.ts";
import type { ScopeColumns } from "../domain/scope.ts";

/** The budgets that are spent and stop calls; undefined: the store knows of none such. Rejects where it is away. */
export type ReadSpentBudgets = () => Promise<readonly SpentBudget[] | undefined>;

/** How often the store is asked once a call has been made, in ms; of one that knows of none such. */
const EVERY_MS = 2_000;
const UNKNOWN_MS = 60_000;

interface Known {
  readonly budget: SpentBudget;
  readonly endsAt: number;
}

/**
 * Which budgets of the day stop calls, as this process has heard last. No call waits for it; while the store is away it
 * goes by what it knows, until the day is over. `now` is monotonic, in milliseconds.
 */
export class SpentBudgets {
  readonly #read: ReadSpentBudgets;
  readonly #now: () => number;
  #known: readonly Known[] = [];
  #reading: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(read: ReadSpentBudgets, now: () => number = () => performance.now()) {
    this.#read = read;
    this.#now = now;
  }

  /** The budget that stops a call; undefined: it may be made. */
  stopOf(call: ScopeColumns): SpentBudget | undefined {
    if (this.#timer === undefined) void this.heard();
    const now = this.#now();
    const known = this.#known.find(({ budget, endsAt }) => endsAt > now && isSpentBy(budget, call));
    return known && { ...known.budget, leftMs: known.endsAt - now };
  }

  /** Asks the store, and settles when it has answered or cannot: for a process that makes one call and ends. */
  async heard(): Promise<void> {
    if (this.#isOver) return;
    this.#reading ??= this.#hear().finally(() => (this.#reading = undefined));
    await this.#reading;
  }

  close(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }

  async #hear(): Promise<void> {
    this.#again(EVERY_MS);
    const askedAt = this.#now();
    try {
      const spent = await this.#read();
      if (spent === undefined) this.#again(UNKNOWN_MS);
      this.#known = (spent ?? []).map((budget) => ({ budget, endsAt: askedAt + budget.leftMs }));
    } catch {
      // Away: what is known holds.
    }
  }

  #again(afterMs: number): void {
    clearTimeout(this.#timer);
    if (!this.#isOver) this.#timer = setTimeout(() => void this.heard(), afterMs).unref();
  }
}
