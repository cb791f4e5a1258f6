import { setTimeout as delay } from "node:timers/promises";
import type { RolloutStatus } from "../domain/rollout.ts";
import type { ScopeColumns } from "../domain/scope.ts";
import type { Database } from "../storage/database.ts";
import { statusOfRollout } from "../storage/read/rollout-status.ts";
import { isStoreTrouble } from "../storage/store-failure.ts";
import type { IsRunning } from "../use-cases/clear-abandoned.ts";

export interface Followed {
  readonly rolloutId: string;
  readonly scope: ScopeColumns;
  readonly runId: string | null;
}

export interface FollowOptions {
  readonly db: Database;
  /** Asked when the store knows nothing of the rollout: it may have ended before it began. */
  readonly isRunning?: IsRunning;
  readonly until: (status: RolloutStatus) => boolean;
  readonly onStatus: (status: RolloutStatus) => void;
  /** Told once when the store goes away, and once when it is back. */
  readonly onStore: (away: boolean) => void;
  readonly signal: AbortSignal;
  /** Between two looks, in ms. Default 500. */
  readonly intervalMs?: number;
}

const LOOKS_BEFORE_ASKING = 6;

/**
 * Follows a rollout by looking at Postgres, and survives the store being away. Gives the status that ended
 * it; `interrupted` when the signal came first; `never_began` when its workflow is over without a trace.
 */
export async function followRollout(
  rollout: Followed,
  options: FollowOptions,
): Promise<RolloutStatus | "interrupted" | "never_began"> {
  const { db, until, onStatus, onStore, signal, intervalMs = 500 } = options;
  let away = false;
  for (let look = 1; !signal.aborted; look++) {
    try {
      const status = await statusOfRollout(db, rollout.rolloutId);
      if (away) onStore((away = false));
      if (status) {
        onStatus(status);
        if (until(status)) return status;
      } else if (
        look % LOOKS_BEFORE_ASKING === 0 &&
        options.isRunning &&
        !(await stillRuns(rollout, options.isRunning))
      ) {
        // It may have begun and ended between the two questions.
        const last = await statusOfRollout(db, rollout.rolloutId);
        if (!last) return "never_began";
      }
    } catch (error) {
      if (!isStoreTrouble(error)) throw error;
      if (!away) onStore((away = true));
    }
    await delay(intervalMs, undefined, { signal }).catch(() => undefined);
  }
  return "interrupted";
}

async function stillRuns({ scope, runId }: Followed, isRunning: IsRunning): Promise<boolean> {
  try {
    const now = await isRunning(scope);
    return now.running && (runId === null || now.runId === runId);
  } catch {
    // Temporal is away: whatever runs goes on when it is back.
    return true;
  }
}
