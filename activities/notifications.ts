import { cancellationSignal } from "@temporalio/activity";
import { unavailable } from "../src/domain/errors.ts";
import type { Database } from "../src/storage/database.ts";
import { findRollout } from "../src/storage/read/rollout-row.ts";
import { findVersionById, versionName } from "../src/storage/read/version.ts";

export function notificationActivities({ db }: { readonly db: Database }) {
  return {
    /** Posts how a rollout ended to each webhook of its policy. The id lets a receiver drop a repeat. */
    async notify({ rolloutId }: { readonly rolloutId: string }): Promise<void> {
      const rollout = await findRollout(db, rolloutId);
      if (!rollout) return;
      const version = await findVersionById(db, rollout.candidate_version);
      const body = JSON.stringify({
        id: `${rolloutId}/ended`,
        rolloutId,
        prompt: rollout.prompt,
        label: rollout.label,
        candidate: version ? versionName(version) : null,
        outcome: rollout.outcome,
        reason: rollout.reason,
        endedAt: rollout.ended_at?.toISOString() ?? null,
      });
      for (const { webhook } of rollout.policy.notify) {
        const response = await fetch(webhook, {
          method: "POST",
          headers: { "content-type": "application/json", "idempotency-key": `${rolloutId}/ended` },
          body,
          signal: AbortSignal.any([cancellationSignal(), AbortSignal.timeout(10_000)]),
        }).catch((error: unknown) => {
          throw unavailable(`webhook ${new URL(webhook).host} cannot be reached`, { webhook }, error);
        });
        if (!response.ok)
          throw unavailable(`webhook ${new URL(webhook).host} answered ${response.status}`, { webhook });
      }
    },
  };
}
