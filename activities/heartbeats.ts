import { Context, heartbeat } from "@temporalio/activity";
import { PendingQueries } from "../src/storage/pending-queries.ts";

/** Signs within a heartbeat time-out: one may be lost, and one late. */
const SIGNS = 3;
const LEAST_BETWEEN_MS = 500;

/** How long a worker's query may take, in ms. What takes longer fails, and its activity is tried again. */
export const ACTIVITY_QUERY_TIMEOUT_MS = 10_000;

/** After this an activity whose query should have failed by now is stuck, and another attempt has to take over. */
const STUCK_MS = ACTIVITY_QUERY_TIMEOUT_MS + 2_000;

/**
 * Reports that an activity makes progress, on a timer: a worker that was killed or frozen is missed within the
 * heartbeat time-out, however long its activity may take, and so is an activity that hangs at the store.
 */
export async function withHeartbeats<R>(run: () => Promise<R>): Promise<R> {
  const queries = new PendingQueries();
  const { heartbeatTimeoutMs = 0 } = Context.current().info;
  const heartbeats = setInterval(
    () => {
      if (queries.longestMs < STUCK_MS) heartbeat();
    },
    Math.max(LEAST_BETWEEN_MS, heartbeatTimeoutMs / SIGNS),
  );
  try {
    return await queries.during(run);
  } finally {
    clearInterval(heartbeats);
  }
}
