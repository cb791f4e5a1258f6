import { Context } from "@temporalio/activity";

/**
 * When an activity's wait is to end, by this process's monotonic clock. Both times that are subtracted are of
 * Temporal's clock, so that no other clock has a say. `until` is in ms since 1970.
 */
export function endOfWait(until: number): number {
  return performance.now() + until - Context.current().info.currentAttemptScheduledTimestampMs;
}
