import type { RolloutPolicy } from "../domain/policy/policy.ts";
import type { Database } from "../storage/database.ts";
import { findDocument, promptPolicySha256 } from "../storage/read/document.ts";
import type { UntoldDrift } from "../storage/write/record-drift.ts";
import { type NotificationSettings, notifyWebhooks } from "./notify-webhooks.ts";

/**
 * Posts drift to each webhook of the prompt's policy; a prompt without one is told of in the dashboard alone. The id is
 * the same each time, so a receiver can drop a repeat.
 */
export async function notifyDrift(
  db: Database,
  { repository, prompt, environment, label, model, tenant, kind, live, message, since }: UntoldDrift,
  signal: AbortSignal,
  reading?: NotificationSettings,
): Promise<void> {
  const sha256 = await promptPolicySha256(db, prompt);
  const policy = sha256 === null ? undefined : await findDocument(db, sha256);
  const { notify = [] } = (policy?.body ?? {}) as Partial<RolloutPolicy>;
  const id = ["drift", repository, prompt, environment, label, model, tenant, since.toISOString()].join("/");
  const told = {
    id,
    event: "drift",
    kind,
    repository,
    prompt,
    environment: environment || null,
    label: label || null,
    model: model || null,
    tenant: tenant || null,
    live,
    message,
    since: since.toISOString(),
  } as const;
  await notifyWebhooks(notify, told, signal, reading);
}
