import { callFailure } from "../call-failure.ts";
import { failureKind, isOutageKind } from "../failure-kinds.ts";
import type { CallTarget } from "../completion.ts";

/**
 * What is known of an endpoint's health, kept where all workers see it: in memory, or in a database. Each step
 * is atomic, and time is the keeper's own, so that workers with different clocks agree.
 */
export interface BreakerStore {
  /**
   * Whether a call may go out. While the breaker is open none may; once its time is up, one caller is given a
   * probe (and the breaker is open for the others for `probeMs` more). `isTroubled`: it has failed lately, seen
   * by whomever, so that a success is news.
   */
  admit(
    key: string,
    probeMs: number,
  ): Promise<
    | { readonly admitted: true; readonly isTroubled: boolean }
    | { readonly admitted: false; readonly retryAfterMs: number }
  >;
  /** One more failure in a row; at `threshold` of them the breaker opens for `openMs`. */
  failed(key: string, threshold: number, openMs: number): Promise<void>;
  /** Forgets the failures and closes the breaker. */
  succeeded(key: string): Promise<void>;
}

export interface BreakerPolicy {
  /** Outages in a row that open it. */
  readonly threshold: number;
  /** How long it stays open before a call may try, in milliseconds. */
  readonly openMs: number;
}

export const DEFAULT_BREAKER: BreakerPolicy = { threshold: 10, openMs: 15_000 };

/** Stops calls to an endpoint that is unreachable, so that workers do not wait out retries against it one by one. */
export interface Breaker {
  /** Makes one attempt, unless the breaker is open: then a `circuit_open` error at once. */
  guard<T>(target: CallTarget, endpoint: string, attempt: () => Promise<T>): Promise<T>;
}

export function breakerOver(store: BreakerStore, policy: BreakerPolicy = DEFAULT_BREAKER): Breaker {
  // Only a breaker with failures need be told of a success: this spares a write per call.
  const troubled = new Set<string>();
  return {
    async guard(target, endpoint, attempt) {
      const key = `${target.provider} ${endpoint}`;
      const answer = await store.admit(key, policy.openMs);
      if (!answer.admitted) {
        troubled.add(key);
        throw callFailure(
          "circuit_open",
          { target, endpoint },
          `${endpoint} has failed so often that calls are held back for another ${Math.ceil(answer.retryAfterMs / 1000)} s`,
        );
      }
      if (answer.isTroubled) troubled.add(key);
      try {
        const value = await attempt();
        if (troubled.delete(key)) await store.succeeded(key);
        return value;
      } catch (error) {
        const kind = failureKind(error);
        // A rate limit is an answer: the endpoint is well and has a queue of its own.
        if (isOutageKind(kind) && kind !== "rate_limit") {
          troubled.add(key);
          await store.failed(key, policy.threshold, policy.openMs);
        } else if (kind !== "cancelled" && troubled.delete(key)) await store.succeeded(key);
        throw error;
      }
    },
  };
}

/** The health of endpoints as this process alone sees it. `now` is in milliseconds. */
export function memoryBreakerStore(now: () => number = Date.now): BreakerStore {
  const endpoints = new Map<string, { failures: number; openUntil: number }>();
  return {
    admit(key, probeMs) {
      const state = endpoints.get(key);
      if (!state || state.openUntil === 0)
        return Promise.resolve({ admitted: true, isTroubled: state !== undefined });
      const retryAfterMs = state.openUntil - now();
      if (retryAfterMs > 0) return Promise.resolve({ admitted: false, retryAfterMs });
      state.openUntil = now() + probeMs;
      return Promise.resolve({ admitted: true, isTroubled: true });
    },
    failed(key, threshold, openMs) {
      const state = endpoints.get(key) ?? { failures: 0, openUntil: 0 };
      state.failures += 1;
      if (state.failures >= threshold) state.openUntil = now() + openMs;
      endpoints.set(key, state);
      return Promise.resolve();
    },
    succeeded(key) {
      endpoints.delete(key);
      return Promise.resolve();
    },
  };
}
