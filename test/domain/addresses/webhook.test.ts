import { describe, expect, it } from "vitest";
import { readPolicyFile } from "../../../src/domain/policy/policy-file.ts";

const CANARY =
  "canary: { stages: [{ share: 50% }], goal: { metric: rating, direction: higher, margin: 0.1 } }\n";
const read = (entry: string) => readPolicyFile(`${CANARY}notify: [${entry}]\n`, "policy.yaml").notify;
const written = (webhook: string) => read(JSON.stringify({ webhook }));

function refusal(entry: string): string {
  try {
    read(entry);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error(`${entry} was taken`);
}

describe("the webhook of a policy", () => {
  it.each([
    ["https://hooks.slack.com/services/T0/B0/PLANTED", "path"],
    ["https://discord.com/api/webhooks/12/PLANTED", "path"],
    ["https://acme.webhook.office.com/webhookb2/PLANTED@x", "path"],
    ["https://api.telegram.org/botPLANTED/sendMessage", "path"],
    ["https://hooks.example/in/0f8fad5b-d9cb-469f-a165-70867728950e", "path"],
    ["https://hooks.example/in/PLANTED8sd7f6sd8f7s6df8", "path"],
    ["https://user:PLANTED@hooks.example/", "user name or password"],
    ["https://hooks.example/?token=PLANTED", "query"],
    ["https://hooks.example/?x=PLANTED8sd7f6sd8f7s6df8", "query"],
    ["https://hooks.example/#PLANTED", "fragment"],
  ])("is refused with the way to write it when it carries a secret: %s", (webhook, place) => {
    const said = refusal(JSON.stringify({ webhook }));
    expect(said).toMatch(/^policy\.yaml:2:\d+: notify\.0\.webhook: carries a secret in its /);
    expect(said).toContain(`in its ${place}, and a policy is stored`);
    expect(said).toContain("webhook: env:NAME");
    expect(said).not.toContain("PLANTED");
  });

  it.each([
    "file:///etc/passwd",
    "ftp://hooks.example/",
    "gopher://x",
    "javascript:alert(1)",
    "hooks.example",
    "env:",
    "env:a b",
    "vault:x",
  ])("is refused when it is neither an address nor a reference: %s", (webhook) => {
    expect(refusal(JSON.stringify({ webhook }))).toMatch(/^policy\.yaml:2:\d+: notify\.0\.webhook: /);
  });

  it("is an address without a secret, or says where the worker finds it", () => {
    for (const webhook of [
      "https://hooks.example/prompts/released",
      "http://ci.internal:8080/hook?project=support&env=production",
      "https://hooks.example/prompt-releases-2026-production-eu1",
      "env:SLACK_WEBHOOK",
      "file:/run/secrets/hook",
    ])
      expect(written(webhook)).toEqual([{ webhook }]);
    expect(read('{ webhook: "env:A", secret: "file:/run/secrets/b" }')).toEqual([
      { webhook: "env:A", secret: "file:/run/secrets/b" },
    ]);
  });

  it("is signed with what a reference stands for, never with what stands in the policy", () => {
    const said = refusal('{ webhook: "https://hooks.example/", secret: PLANTED }');
    expect(said).toContain("a secret does not belong in a policy");
    expect(said).not.toContain("PLANTED");
  });
});
