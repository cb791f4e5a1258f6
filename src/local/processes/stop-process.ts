import { setTimeout as delay } from "node:timers/promises";
import { type ProcessIdentity, isRunning } from "./process-identity.ts";

/** A signal and how long to wait for its effect, in ms. */
export interface StopStep {
  readonly signal: NodeJS.Signals;
  readonly waitMs: number;
}

/**
 * Sends the signals one after another until the process is gone; true when it is. Only ever that
 * process: one that took over its pid is left alone.
 */
export async function stopProcess(identity: ProcessIdentity, steps: readonly StopStep[]): Promise<boolean> {
  for (const { signal, waitMs } of steps) {
    if (!isRunning(identity)) return true;
    try {
      process.kill(identity.pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
    if (await goneWithin(identity, waitMs)) return true;
  }
  return !isRunning(identity);
}

async function goneWithin(identity: ProcessIdentity, waitMs: number): Promise<boolean> {
  const deadline = performance.now() + waitMs;
  for (let pause = 2; isRunning(identity); pause = Math.min(pause * 1.5, 50)) {
    if (performance.now() > deadline) return false;
    await delay(pause);
  }
  return true;
}
