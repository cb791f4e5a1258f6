import type { CanaryPolicy } from "./policy.ts";

/** Below this a busy worker would be taken for a dead one. */
const LEAST_MS = 3_000;
const MOST_MS = 30_000;

/**
 * After how long without a sign a watch is taken for dead, and begun again by another worker, in ms. Each watch
 * shows three signs in that time, which is what a thousand of them cost most. So it is as long as it may be: no
 * lease is near its end by then, and no look is later than by one interval.
 */
export function watchHeartbeatMs({
  lease_ms,
  interval_ms,
}: Pick<CanaryPolicy, "lease_ms" | "interval_ms">): number {
  return Math.min(MOST_MS, Math.max(LEAST_MS, Math.min(lease_ms / 10, interval_ms)));
}
