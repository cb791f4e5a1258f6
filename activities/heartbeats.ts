import { heartbeat } from "@temporalio/activity";

const HEARTBEAT_MS = 500;

/**
 * Tells, on a timer of its own, that this worker lives: one that was killed is missed within the heartbeat
 * time-out, however long its activity may take.
 */
export async function withHeartbeats<R>(run: () => Promise<R>): Promise<R> {
  const beat = setInterval(() => heartbeat(), HEARTBEAT_MS);
  try {
    return await run();
  } finally {
    clearInterval(beat);
  }
}
