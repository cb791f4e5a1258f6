import type { Database } from "../storage/database.ts";
import { findRollout } from "../storage/read/rollout-row.ts";
import { findVersionById, versionName } from "../storage/read/version.ts";
import { type NotificationSettings, notifyWebhooks } from "./notify-webhooks.ts";

/** Posts how a rollout ended to each webhook of its policy, as {@link notifyWebhooks} does. */
export async function notifyEnding(
  db: Database,
  rolloutId: string,
  signal: AbortSignal,
  reading?: NotificationSettings,
): Promise<void> {
  const rollout = await findRollout(db, rolloutId);
  if (!rollout) return;
  const version = await findVersionById(db, rollout.candidate_version);
  const told = {
    id: `${rolloutId}/ended`,
    event: "ended",
    rolloutId,
    prompt: rollout.prompt,
    label: rollout.label,
    candidate: version ? versionName(version) : null,
    outcome: rollout.outcome,
    reason: rollout.reason,
    endedAt: rollout.ended_at?.toISOString() ?? null,
  } as const;
  await notifyWebhooks(rollout.policy.notify, told, signal, reading);
}
