/** What a receiver understands: our own JSON, or a chat's message. */
export type WebhookForm = "json" | "slack" | "teams";

const PREFIX = /^(slack|teams):(?=.)/;

/** Chats by their addresses. Workflows of Teams are at Azure Logic Apps or the Power Platform. */
const HOSTS: readonly [RegExp, WebhookForm][] = [
  [/^hooks\.slack(?:-gov)?\.com$/, "slack"],
  [/(?:^|\.)webhook\.office\.com$/, "teams"],
  [/\.logic\.azure\.(?:com|us)$/, "teams"],
  [/\.api\.powerplatform\.com$/, "teams"],
];

/** A webhook as a policy has it, without the `slack:` or `teams:` that says for whom it is written. */
export function splitWebhookForm(text: string): {
  /** Undefined: what its address says. */
  readonly form: WebhookForm | undefined;
  readonly address: string;
} {
  const form = PREFIX.exec(text)?.[1] as WebhookForm | undefined;
  return { form, address: form === undefined ? text : text.slice(form.length + 1) };
}

export function webhookFormOf({ hostname }: URL): WebhookForm {
  return HOSTS.find(([host]) => host.test(hostname))?.[1] ?? "json";
}
