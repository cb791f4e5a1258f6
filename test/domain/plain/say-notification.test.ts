import { describe, expect, it } from "vitest";
import { splitWebhookForm, webhookFormOf } from "../../../src/domain/addresses/webhook-form.ts";
import { webhookProblem } from "../../../src/domain/addresses/webhook.ts";
import { sayNotification } from "../../../src/domain/plain/say-notification.ts";
import type { Notification } from "../../../src/domain/shapes/notification.ts";

const rollout = { id: "i", rolloutId: "r", prompt: "greet", label: "production", candidate: "greet@3" };
const at = "2026-01-01T00:00:00Z";

describe("what a chat is told", () => {
  it.each<[Notification, string]>([
    [{ ...rollout, event: "started", by: "anna", at }, "anna started a rollout of greet@3 to production."],
    [
      { ...rollout, event: "advanced", stage: 2, sharePercent: 25, at },
      "25 % of the users of production get greet@3 now (stage 2).",
    ],
    [
      { ...rollout, event: "waiting_for_approval", waitingFor: "canary", at },
      "greet@3 waits in production: somebody has to approve it before any user sees it: sluice rollout approve greet@3",
    ],
    [
      { ...rollout, event: "waiting_for_approval", waitingFor: "operator", at },
      "greet@3 waits in production: the evidence is inconclusive, and an operator decides: sluice rollout promote or sluice rollout abort.",
    ],
    [
      { ...rollout, event: "promoted", by: "w", at },
      "Everybody in production gets greet@3 now, and it is watched for a while.",
    ],
    [
      { ...rollout, event: "ended", outcome: "rolled_back", reason: "harm:\nrating", endedAt: at },
      "greet@3 in production: rolled back; everybody gets the version before. harm: rating",
    ],
    [
      {
        event: "dead_letters",
        id: "i",
        prompt: "greet",
        open: 1,
        newest: { operation: "promote", message: "m" },
      },
      "1 dead letter of greet waits for somebody. The newest: promote: m",
    ],
    [
      { event: "drift", id: "i", prompt: "greet", message: "production serves greet@1, Git says greet@2" },
      "greet is not what Git says: production serves greet@1, Git says greet@2",
    ],
  ])("%o", (told, said) => expect(sayNotification(told)).toBe(said));
});

describe("the form of a webhook", () => {
  it.each([
    ["https://hooks.slack.com/services/x", "slack"],
    ["https://acme.webhook.office.com/webhookb2/x", "teams"],
    ["https://prod-1.westeurope.logic.azure.com:443/workflows/x", "teams"],
    ["https://hooks.slack.com.example/x", "json"],
    ["https://example.com/hooks.slack.com", "json"],
  ])("of %s is %s", (address, form) => expect(webhookFormOf(new URL(address))).toBe(form));

  it("is what a prefix says, and the address behind it is held to the same rules", () => {
    expect(splitWebhookForm("slack:env:CHAT")).toEqual({ form: "slack", address: "env:CHAT" });
    expect(splitWebhookForm("https://x")).toEqual({ form: undefined, address: "https://x" });
    expect(webhookProblem("slack:env:CHAT")).toBeUndefined();
    expect(webhookProblem("teams:https://chat.example/hooks/sluice")).toBeUndefined();
    expect(webhookProblem("slack:ftp://chat.example")).toMatch(/^must be an address/);
    expect(
      webhookProblem("teams:https://x.logic.azure.com/workflows/1/triggers/manual/paths/invoke?sig=abc"),
    ).toMatch(/carries a secret/);
  });
});
