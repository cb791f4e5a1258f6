import { jittered } from "../domain/jitter.ts";
import type { SluiceError } from "../domain/errors.ts";
import { failureKind, isWorthARetry } from "./failure-kinds.ts";

export interface RetryPolicy {
  /** Further attempts after the first. */
  readonly maxRetries: number;
  /** The first wait, in milliseconds; doubled each time, with jitter, 30 s at most. */
  readonly baseDelayMs: number;
  /** A `retry-after` longer than this, in milliseconds, is not waited for. */
  readonly maxRetryAfterMs: number;
}

export const DEFAULT_RETRY: RetryPolicy = { maxRetries: 4, baseDelayMs: 500, maxRetryAfterMs: 60_000 };

const MAX_DELAY_MS = 30_000;

/**
 * When an endpoint has asked everybody to wait: shared by all calls to one provider and key, so that a
 * `429` seen by one of them holds back the others too instead of each finding out by itself.
 */
export interface Pause {
  /** By the monotonic clock. */
  untilMs: number;
}

/** Calls until it succeeds, is not worth repeating, or the attempts are used up; then the last error. */
export async function withRetries<T>(
  attempt: () => Promise<T>,
  policy: RetryPolicy,
  pause: Pause,
  signal: AbortSignal | undefined,
): Promise<{ value: T; attempts: number }> {
  for (let attempts = 1; ; attempts += 1) {
    await sleep(pause.untilMs - performance.now(), signal);
    try {
      return { value: await attempt(), attempts };
    } catch (error) {
      const wait = delayBeforeRetry(error as SluiceError, attempts, policy);
      if (wait === undefined || signal?.aborted) throw withAttempts(error as SluiceError, attempts);
      if (failureKind(error) === "rate_limit")
        pause.untilMs = Math.max(pause.untilMs, performance.now() + wait);
      else await sleep(wait, signal);
    }
  }
}

function delayBeforeRetry(error: SluiceError, attempts: number, policy: RetryPolicy): number | undefined {
  const kind = failureKind(error);
  if (!kind || !isWorthARetry(kind) || attempts > policy.maxRetries) return undefined;
  const requested = error.details["retryAfterMs"] as number | undefined;
  if (requested !== undefined) return requested <= policy.maxRetryAfterMs ? requested : undefined;
  const full = Math.min(MAX_DELAY_MS, policy.baseDelayMs * 2 ** (attempts - 1));
  return jittered(full, Math.random());
}

function withAttempts(error: SluiceError, attempts: number): SluiceError {
  if (error.details) Object.assign(error.details, { attempts });
  return error;
}

function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  if (ms <= 0 || signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener("abort", done, { once: true });
  });
}
