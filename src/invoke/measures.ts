import type { Call } from "./call.ts";
import type { Invocation } from "./invocation.ts";
import type { InvokeFailureKind } from "./failure.ts";

/** How an invocation ended: with an answer, or why without. */
export type Ending =
  | { readonly answer: Pick<Invocation, "refused" | "finishReason">; readonly failure?: undefined }
  | { readonly failure: InvokeFailureKind | "internal"; readonly answer?: undefined };

const TIMEOUTS: ReadonlySet<string> = new Set<InvokeFailureKind>([
  "timeout",
  "first_token_timeout",
  "idle_timeout",
  "attempt_timeout",
  "deadline",
]);
/** Ended by the caller, or with the process: nothing that the version has done. */
const CALLED_OFF: ReadonlySet<string> = new Set<InvokeFailureKind>(["cancelled", "closed"]);

/**
 * What is recorded of every invocation, under fixed names. Each of the yes-or-no ones is there every time, so that its
 * share is one of all calls; tokens and cost are left out where nothing is known of them.
 */
export function measuresOf(
  { account, at }: Pick<Call, "account" | "at">,
  ending: Ending,
): Record<string, number> {
  const { failure, answer } = ending;
  const { usage, attempts, answered, costUsd, formatFailure, repaired, toolRounds, ttftMs, cached } = account;
  // Whoever set the budget has refused it: nothing that the version has done.
  if (account.isStopped && failure !== undefined && attempts.length === 0) return { stopped: 1 };
  const isCalledOff = failure !== undefined && CALLED_OFF.has(failure);
  return {
    latency_ms: account.elapsedMs,
    ...(ttftMs !== null && { ttft_ms: ttftMs }),
    ...(answered > 0 && {
      input_tokens: usage.inputTokens,
      cached_input_tokens: usage.cachedInputTokens,
      output_tokens: usage.outputTokens,
      reasoning_tokens: usage.reasoningTokens,
      ...(costUsd !== null && { cost_usd: costUsd }),
    }),
    ...(cached !== undefined && { cache_hit: bit(cached !== "no") }),
    ...(cached === "exact" && { cost_usd: 0 }),
    ...(account.isStopped && { stopped: 1 }),
    ...(account.isEstimated && { usage_estimated: 1 }),
    error: bit(failure !== undefined && !isCalledOff),
    timeout: bit(attempts.some(({ result }) => TIMEOUTS.has(result)) || failure === "deadline"),
    refusal: bit(answer?.refused === true),
    truncated: bit(answer?.finishReason === "length"),
    interrupted: bit(attempts.some(({ result }) => result === "interrupted") || failure === "interrupted"),
    cancelled: bit(isCalledOff),
    fallback: bit(at > 0),
    retries: account.retries,
    ...(formatFailure !== undefined && {
      format_failure: bit(formatFailure),
      repaired: bit(repaired !== "no"),
    }),
    ...(toolRounds > 0 && { tool_rounds: toolRounds }),
  };
}

function bit(is: boolean): 0 | 1 {
  return is ? 1 : 0;
}
