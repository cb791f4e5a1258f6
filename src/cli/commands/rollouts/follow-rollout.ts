import { setTimeout as delay } from "node:timers/promises";
import type { RolloutStatus } from "../../../domain/rollout/rollout.ts";
import type { Database } from "../../../storage/database.ts";
import { statusOfRollout } from "../../../storage/read/rollout-status.ts";
import { isStoreTrouble } from "../../../storage/store-failure.ts";

export interface FollowOptions {
  readonly db: Database;
  readonly until: (status: RolloutStatus) => boolean;
  readonly onStatus: (status: RolloutStatus) => void;
  /** Called once when the store becomes unreachable, and once when it is back. */
  readonly onStore: (unreachable: boolean) => void;
  readonly signal: AbortSignal;
  /** Between two looks, in ms. Default 500. */
  readonly intervalMs?: number;
}

/**
 * Follows a rollout by looking at Postgres, and survives an unreachable store. Gives the status that ended
 * it, or `interrupted` when the signal came first.
 */
export async function followRollout(
  rolloutId: string,
  options: FollowOptions,
): Promise<RolloutStatus | "interrupted"> {
  const { db, until, onStatus, onStore, signal, intervalMs = 500 } = options;
  let unreachable = false;
  while (!signal.aborted) {
    try {
      const status = await statusOfRollout(db, rolloutId);
      if (unreachable) onStore((unreachable = false));
      if (status) {
        onStatus(status);
        if (until(status)) return status;
      }
    } catch (error) {
      if (!isStoreTrouble(error)) throw error;
      if (!unreachable) onStore((unreachable = true));
    }
    await delay(intervalMs, undefined, { signal }).catch(() => undefined);
  }
  return "interrupted";
}
