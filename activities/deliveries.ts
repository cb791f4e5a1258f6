import { sleep } from "@temporalio/activity";
import type { AwaitedRollout } from "../src/domain/shapes/delivering.ts";
import type { DeliveryStep } from "../src/protocol/activity-values.ts";
import type { RolloutTemporal } from "../src/protocol/rollout-temporal.ts";
import type { Database } from "../src/storage/database.ts";
import { findRollout } from "../src/storage/read/rollout-row.ts";
import { advanceDelivery } from "../src/use-cases/advance-delivery.ts";

export interface DeliveryParts {
  readonly db: Database;
  /** Where the rollouts that are due are started. */
  readonly temporal: RolloutTemporal;
}

export function deliveryActivities({ db, temporal }: DeliveryParts) {
  return {
    /** One look at a delivery: starts what is due, and says what it waits for. */
    async advanceDelivery({ deliveryId }: { readonly deliveryId: string }): Promise<DeliveryStep> {
      const { started: _, ...step } = await advanceDelivery(db, temporal, deliveryId);
      return step;
    },

    /**
     * Looks at the rows until one of these rollouts has come so far, for as long as one activity lasts at most: of
     * deliveries that began before workers woke them.
     */
    async awaitRollouts({ rollouts }: { readonly rollouts: readonly AwaitedRollout[] }): Promise<void> {
      const endsAt = performance.now() + LONGEST_WAIT_MS;
      while (performance.now() < endsAt) {
        for (const { rolloutId, until } of rollouts) {
          const rollout = await findRollout(db, rolloutId);
          if (!rollout || rollout.outcome !== null) return;
          if (until === "live" && rollout.phase === "watching") return;
        }
        await sleep(LOOK_MS);
      }
    },
  };
}

/** Short of the time that one activity may last. */
const LONGEST_WAIT_MS = 5 * 3_600_000;
const LOOK_MS = 2_000;
