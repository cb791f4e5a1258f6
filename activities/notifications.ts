import { cancellationSignal } from "@temporalio/activity";
import type { Database } from "../src/storage/database.ts";
import { notifyEnding } from "../src/use-cases/notify-ending.ts";

export function notificationActivities({ db }: { readonly db: Database }) {
  return {
    /** Tells the webhooks of the rollout's policy how it ended. */
    async notify({ rolloutId }: { readonly rolloutId: string }): Promise<void> {
      await notifyEnding(db, rolloutId, cancellationSignal());
    },
  };
}
