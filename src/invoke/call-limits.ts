import { invalidInput } from "../domain/errors.ts";
import { didYouMean } from "../domain/text/suggestion.ts";

/** How long an invocation may take, and how often it is tried. Times in milliseconds. */
export interface CallLimits {
  /** Until a stream begins. Default 30,000. */
  readonly firstTokenMs: number;
  /** Between two events of a stream; what only keeps the connection open is none. Default 20,000. */
  readonly idleMs: number;
  /** One attempt, its whole answer included. Default 120,000. */
  readonly attemptMs: number;
  /** Everything: waits, retries, repair, tools and fallbacks. Default 180,000. */
  readonly deadlineMs: number;
  /** Further attempts at each model. Default 2. */
  readonly maxRetries: number;
  /** A vendor that asks to wait longer than this is not waited for: the next model is asked at once. Default 10,000. */
  readonly maxRetryAfterMs: number;
}

export const CALL_LIMITS: CallLimits = {
  firstTokenMs: 30_000,
  idleMs: 20_000,
  attemptMs: 120_000,
  deadlineMs: 180_000,
  maxRetries: 2,
  maxRetryAfterMs: 10_000,
};

/** The longest time that any limit may name, an hour, and the most further attempts. */
export const LONGEST_MS = 3_600_000;
export const MOST_RETRIES = 20;

/** The limits of a call: what the invoker says, then what the request says. A number that cannot be is `invalid_input`. */
export function readLimits(...given: readonly (Partial<CallLimits> | undefined)[]): CallLimits {
  const read: Record<string, unknown> = { ...CALL_LIMITS };
  for (const [name, value] of given.flatMap((limits) => Object.entries(limits ?? {}))) {
    if (value === undefined) continue;
    if (!Object.hasOwn(CALL_LIMITS, name))
      throw invalidInput(
        `limits.${name} is no limit; use ${Object.keys(CALL_LIMITS).join(", ")}${didYouMean(name, Object.keys(CALL_LIMITS))}`,
        { limit: name },
      );
    const [least, most] = name === "maxRetries" ? [0, MOST_RETRIES] : [0, LONGEST_MS];
    if (typeof value !== "number" || !(value >= least && value <= most))
      throw invalidInput(`limits.${name}: use a number from ${least} to ${most}, not ${String(value)}`, {
        limit: name,
      });
    read[name] = value;
  }
  return read as unknown as CallLimits;
}
