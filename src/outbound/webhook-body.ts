import type { WebhookForm } from "../domain/addresses/webhook-form.ts";
import { sayNotification } from "../domain/plain/say-notification.ts";
import type { Notification } from "../domain/shapes/notification.ts";

/** What a receiver is posted: ourselves as JSON, or a message as its chat takes one. */
export function webhookBody(form: WebhookForm, told: Notification): string {
  if (form === "json") return JSON.stringify(told);
  const text = sayNotification(told);
  return JSON.stringify(form === "slack" ? { text: slackText(text) } : card(text));
}

/** Names and reasons are people's: they make no link, mention or channel. */
function slackText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** As workflows of Teams and its connectors take it. The text is no Markdown. */
function card(text: string) {
  const content = {
    $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
    type: "AdaptiveCard",
    version: "1.4",
    body: [{ type: "RichTextBlock", inlines: [{ type: "TextRun", text }] }],
  };
  return {
    type: "message",
    attachments: [{ contentType: "application/vnd.microsoft.card.adaptive", content }],
  };
}
