import type { TriageCause } from "../shapes/monitors.ts";
import type { RegateFinding } from "./regate.ts";

/** The level of each comparison of a triage: it is made once for an alert, not each day. */
export const TRIAGE_ALPHA = 0.05;

/** What the tests that were asked again are compared with; null where that cannot be. */
export interface TriageFindings {
  /** What is live, with its own answers of when it went live. */
  readonly live: RegateFinding | null;
  /** The version before it, with its own. */
  readonly previous: RegateFinding | null;
  /** What is live with the version before it, both as they answer today. */
  readonly between: RegateFinding | null;
}

/** What happens in calls and shows in no test: how long they take and what they cost, not what is answered. */
const NOT_IN_TESTS = new Set([
  "latency_ms",
  "ttft_ms",
  "cost_usd",
  "output_tokens",
  "reasoning_tokens",
  "retries",
  "timeout",
]);

/**
 * Whose doing it is that a metric of what is live has got worse. A rollback helps (`version`) where what is live answers
 * its tests worse than it did and worse than the version before it does today: both are asked of the same model.
 */
export function triageVerdict(
  { live, previous, between }: TriageFindings,
  { metric, margin }: { readonly metric: string; readonly margin: number },
): TriageCause {
  if (!live) return between?.worse ? "version" : "unknown";
  if (!live.worse) return NOT_IN_TESTS.has(metric) ? "unknown" : "traffic";
  if (!between || previous?.worse) return "model";
  if (between.worse) return "version";
  return between.regression <= margin ? "model" : "unknown";
}
