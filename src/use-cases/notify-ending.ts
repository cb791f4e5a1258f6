import { loadReferenced, readPermitted } from "../config.ts";
import { invalidInput } from "../domain/errors.ts";
import type { NotifyPolicy } from "../domain/policy/policy.ts";
import { readSecretReference } from "../domain/addresses/webhook.ts";
import type { PermittedAddresses } from "../outbound/permitted-addresses.ts";
import { postJson } from "../outbound/post-json.ts";
import { signatureOf } from "../outbound/sign-body.ts";
import type { Database } from "../storage/database.ts";
import { findRollout } from "../storage/read/rollout-row.ts";
import { findVersionById, versionName } from "../storage/read/version.ts";

const PATIENCE_MS = 10_000;

/**
 * Posts how a rollout ended to each webhook of its policy. The id is the same each time, so a receiver can
 * drop a repeat; with a secret it is signed: `sluice-signature: sha256=` and the HMAC of the body in hex.
 * `unavailable` names the webhook that did not take it, by its origin alone.
 */
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
    rolloutId,
    prompt: rollout.prompt,
    label: rollout.label,
    candidate: version ? versionName(version) : null,
    outcome: rollout.outcome,
    reason: rollout.reason,
    endedAt: rollout.ended_at?.toISOString() ?? null,
  };
  await notifyWebhooks(rollout.policy.notify, told, signal, reading);
}

/** Posts something to webhooks, one after the other; `unavailable` names the one that did not take it. */
export async function notifyWebhooks(
  webhooks: readonly NotifyPolicy[],
  told: { readonly id: string } & Readonly<Record<string, unknown>>,
  signal: AbortSignal,
  reading: NotificationSettings = FROM_ENVIRONMENT,
): Promise<void> {
  const { id } = told;
  const body = JSON.stringify(told);
  for (const { webhook, secret } of webhooks) {
    await postJson({
      url: await addressOf(webhook, reading),
      headers: {
        "content-type": "application/json",
        "idempotency-key": id,
        ...signatureOf(body, secret && (await reading.secret(secret))),
      },
      body,
      signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]),
      permitted: reading.permitted(),
      what: "webhook",
    });
  }
}

/** What of the environment a notification is sent with, read when it is. */
export interface NotificationSettings {
  /** What `env:NAME`, `file:PATH` or the address of a secret manager stands for. */
  readonly secret: (reference: string) => Promise<string>;
  readonly permitted: () => PermittedAddresses;
}

const FROM_ENVIRONMENT: NotificationSettings = {
  secret: loadReferenced,
  permitted: readPermitted,
};

/** For whoever was asked by somebody elsewhere: what stands for something of a worker's is not read here. */
export const WITHOUT_REFERENCES: NotificationSettings = {
  ...FROM_ENVIRONMENT,
  secret: (reference) =>
    Promise.reject(
      invalidInput(
        `${reference} stands for what a worker has: redrive this one from the command line, where a worker runs`,
      ),
    ),
};

/** The address that stands in a policy, or that it refers to; what is none is never repeated. */
async function addressOf(webhook: string, reading: NotificationSettings): Promise<URL> {
  const isReference = readSecretReference(webhook) !== undefined;
  const url = URL.parse(isReference ? await reading.secret(webhook) : webhook);
  if (url && /^https?:$/.test(url.protocol)) return url;
  throw invalidInput(
    `${isReference ? `webhook ${webhook}` : "a webhook of the policy"} is no web address; it must begin with https:// (or http://)`,
  );
}
