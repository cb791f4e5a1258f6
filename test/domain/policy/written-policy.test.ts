import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readPolicyFile } from "../../../src/domain/policy/policy-file.ts";
import { writtenPolicy } from "../../../src/domain/policy/written-policy.ts";

const EXAMPLE = new URL("../../../examples/support-reply/support-reply.rollout.yaml", import.meta.url);
/** What differs from each default, in every part. */
const UNUSUAL = `
gate: { dataset: d.yaml, repeats: 3, on_insufficient: reject, judge: openai/gpt-5.4-mini, quick: { cases: 4 } }
metrics:
  rating: { window: 1500ms, coverage: must_match, title: Customer rating, unit: stars }
  latency_ms: { scale: plain, cap: 9000, freshness: 10m }
  seconds: { scale: log }
  kind_words: { coverage: ignore, kind: proportion }
canary:
  users: customers
  stages: [{ share: 0.5%, for: 0s }, { share: 12.25%, for: 90m }, { share: 50% }]
  goal: { metric: rating, direction: higher, margin: 2.5%, rollback_tolerance: margin }
  total_margin: 5%
  guardrails:
    - { metric: latency_ms, direction: lower, margin: 33% }
    - { metric: seconds, direction: lower, margin: 7% }
    - { metric: kind_words, direction: higher, margin: 2pp }
    - { metric: error, direction: lower, tolerated_ratio: 1.2, proof: harm_only }
    - { metric: any_trouble, direction: lower }
  fuses: [{ metric: error, above: 0.2 }]
  segments: [tenant]
  on_inconclusive: hold
  hold_timeout: 36h
approval: { before: [canary, promote], approvers: 2, timeout: 3d, distinct_author: false, proven: true }
watch: { for: 2d, holdback: 2.5% }
notify: [{ webhook: "https://example.test/hook", events: [ended, drift] }]
`;
const GATE_ALONE = `gate: { dataset: d.yaml }\napproval: { before: promote }\n`;

describe("a policy that is written again", () => {
  it.each([
    ["the example's", readFileSync(EXAMPLE, "utf8")],
    ["one that is unusual in every part", UNUSUAL],
    ["one of a gate alone", GATE_ALONE],
  ])("is read as the same one: %s", (_, text) => {
    const policy = readPolicyFile(text, "policy");
    expect(readPolicyFile(JSON.stringify(writtenPolicy(policy)), "again")).toEqual(policy);
  });

  it("leaves out what a start adds, which no file says", () => {
    const policy = readPolicyFile(UNUSUAL, "policy");
    const started = {
      ...policy,
      gate: { ...policy.gate!, dataset_sha256: "0".repeat(64) },
      approval: { ...policy.approval!, distinct_starter: true },
    };
    expect(writtenPolicy(started)).toEqual(writtenPolicy(policy));
  });
});
