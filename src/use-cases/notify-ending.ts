import { unavailable } from "../domain/errors.ts";
import type { Database } from "../storage/database.ts";
import { findRollout } from "../storage/read/rollout-row.ts";
import { findVersionById, versionName } from "../storage/read/version.ts";

const PATIENCE_MS = 10_000;

/**
 * Posts how a rollout ended to each webhook of its policy. The id is the same each time, so a receiver can
 * drop a repeat. `unavailable` names the webhook that did not take it.
 */
export async function notifyEnding(db: Database, rolloutId: string, signal: AbortSignal): Promise<void> {
  const rollout = await findRollout(db, rolloutId);
  if (!rollout) return;
  const version = await findVersionById(db, rollout.candidate_version);
  const id = `${rolloutId}/ended`;
  const body = JSON.stringify({
    id,
    rolloutId,
    prompt: rollout.prompt,
    label: rollout.label,
    candidate: version ? versionName(version) : null,
    outcome: rollout.outcome,
    reason: rollout.reason,
    endedAt: rollout.ended_at?.toISOString() ?? null,
  });
  for (const { webhook } of rollout.policy.notify) {
    const { host } = new URL(webhook);
    const response = await fetch(webhook, {
      method: "POST",
      headers: { "content-type": "application/json", "idempotency-key": id },
      body,
      signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]),
    }).catch((error: unknown) => {
      throw unavailable(`webhook ${host} cannot be reached`, { webhook }, error);
    });
    if (!response.ok) throw unavailable(`webhook ${host} answered ${response.status}`, { webhook });
  }
}
