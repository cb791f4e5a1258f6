import type { Price } from "./price.ts";

/**
 * Money that several calls share, at once and across processes: an amount is reserved before a call and
 * settled after it, so the cap holds whatever is under way. Amounts in US dollars.
 */
export interface Budget {
  /**
   * Sets the most that a call can cost aside. Waits while calls that are under way may still give enough
   * back; gives undefined when they cannot, for then the cap would be exceeded.
   */
  reserve(usd: number, signal?: AbortSignal): Promise<Reservation | undefined>;
}

export interface Reservation {
  /** Replaces what was set aside by what it was. */
  settle(usd: number): Promise<void>;
}

/** Where a budget's state is kept: in memory, or in a database that all workers share. Each step is atomic. */
export interface BudgetLedger {
  /** An id when spent + reserved + usd is within the cap; otherwise what is already spent, and nothing changes. */
  reserve(
    usd: number,
  ): Promise<{ readonly id: string } | { readonly spentUsd: number; readonly capUsd: number }>;
  settle(id: string, usd: number): Promise<void>;
}

/** The ledger itself has failed (`cause`): nothing that a model or a case has done. */
export class LedgerFailure extends Error {
  constructor(cause: unknown) {
    super("the budget's ledger has failed", { cause });
    this.name = "LedgerFailure";
  }
}

const failed = (cause: unknown): never => {
  throw new LedgerFailure(cause);
};

const POLL_MS = 200;

/** A budget over a ledger, whose errors are thrown as {@link LedgerFailure}. Calls that wait look again when one of this process settles, and every 200 ms. */
export function budgetOver(ledger: BudgetLedger): Budget {
  const waiting = new Set<() => void>();
  const wake = () => {
    for (const one of waiting) one();
  };
  return {
    async reserve(usd, signal) {
      for (;;) {
        const answer = await ledger.reserve(usd).catch(failed);
        if ("id" in answer)
          return {
            async settle(settledUsd) {
              await ledger.settle(answer.id, settledUsd).catch(failed);
              wake();
            },
          };
        if (answer.spentUsd + usd > answer.capUsd || signal?.aborted) return undefined;
        await new Promise<void>((resolve) => {
          const done = () => {
            clearTimeout(timer);
            waiting.delete(done);
            signal?.removeEventListener("abort", done);
            resolve();
          };
          const timer = setTimeout(done, POLL_MS);
          waiting.add(done);
          signal?.addEventListener("abort", done, { once: true });
        });
      }
    },
  };
}

/** A budget of this process alone; `spentUsd` is what was spent of it before. */
export function memoryBudget(capUsd: number, spentUsd = 0): Budget {
  const reserved = new Map<string, number>();
  let spent = spentUsd;
  let next = 0;
  return budgetOver({
    reserve(usd) {
      let total = spent + usd;
      for (const amount of reserved.values()) total += amount;
      if (total > capUsd) return Promise.resolve({ spentUsd: spent, capUsd });
      const id = String(next++);
      reserved.set(id, usd);
      return Promise.resolve({ id });
    },
    settle(id, usd) {
      reserved.delete(id);
      spent += usd;
      return Promise.resolve();
    },
  });
}

/** Output tokens that a request may cost when it names no limit of its own; it is then given this one. */
export const OUTPUT_LIMIT_UNDER_BUDGET = 4096;

const OUTPUT_LIMITS = ["max_completion_tokens", "max_tokens", "max_output_tokens"];

/** The request with a limit on its output, and the most that it can cost: no token is shorter than a byte. */
export function boundedCost(
  request: Readonly<Record<string, unknown>>,
  price: Price,
): { readonly request: Readonly<Record<string, unknown>>; readonly mostUsd: number } {
  const given = OUTPUT_LIMITS.map((key) => request[key]).filter((limit) => typeof limit === "number");
  const limit = given.length > 0 ? Math.max(...given) : OUTPUT_LIMIT_UNDER_BUDGET;
  // OpenAI's Responses API has its own names, for messages and for this.
  const name = "input" in request ? "max_output_tokens" : "max_completion_tokens";
  const bounded = given.length > 0 ? request : { ...request, [name]: limit };
  const choices = typeof request["n"] === "number" ? request["n"] : 1;
  // What an API adds around messages and tools is small and fixed; 1,000 tokens are ample.
  const inputTokens = Buffer.byteLength(JSON.stringify(bounded)) + 1000;
  return {
    request: bounded,
    mostUsd:
      (inputTokens * Math.max(price.input, price.cache_write ?? 0) + limit * choices * price.output) /
      1_000_000,
  };
}
