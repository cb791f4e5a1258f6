import { loadReferenced, readPermitted } from "../config.ts";
import { readSecretReference } from "../domain/addresses/webhook.ts";
import { splitWebhookForm, webhookFormOf } from "../domain/addresses/webhook-form.ts";
import { invalidInput } from "../domain/errors.ts";
import type { NotifyPolicy } from "../domain/policy/policy.ts";
import type { Notification } from "../domain/shapes/notification.ts";
import type { PermittedAddresses } from "../outbound/permitted-addresses.ts";
import { postJson } from "../outbound/post-json.ts";
import { signatureOf, standardSignature } from "../outbound/sign-body.ts";
import { webhookBody } from "../outbound/webhook-body.ts";

const PATIENCE_MS = 10_000;

/**
 * Posts something to those webhooks that want it, one after the other, to a chat as its message; `unavailable` names the one that did not
 * take it, by its origin alone. The id is the same each time, so that a receiver can drop a repeat.
 */
export async function notifyWebhooks(
  webhooks: readonly NotifyPolicy[],
  told: Notification,
  signal: AbortSignal,
  reading: NotificationSettings = FROM_ENVIRONMENT,
): Promise<void> {
  for (const { webhook, secret, events } of webhooks) {
    if (events && !events.includes(told.event)) continue;
    const { url, form } = await addressOf(webhook, reading);
    const body = webhookBody(form, told);
    const key = secret === undefined ? undefined : await reading.secret(secret);
    await postJson({
      url,
      headers: {
        "content-type": "application/json",
        "idempotency-key": told.id,
        ...signatureOf(body, key),
        ...standardSignature({ id: told.id, body, at: new Date() }, key),
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
async function addressOf(webhook: string, reading: NotificationSettings) {
  const written = splitWebhookForm(webhook);
  const isReference = readSecretReference(written.address) !== undefined;
  const found = isReference ? splitWebhookForm(await reading.secret(written.address)) : written;
  const url = URL.parse(found.address);
  if (url && /^https?:$/.test(url.protocol))
    return { url, form: written.form ?? found.form ?? webhookFormOf(url) };
  throw invalidInput(
    `${isReference ? `webhook ${webhook}` : "a webhook of the policy"} is no web address; it must begin with https:// (or http://)`,
  );
}
