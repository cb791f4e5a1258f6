import { describe, expect, it } from "vitest";
import { readPolicyFile } from "../../../src/domain/policy/policy-file.ts";

const GOAL = "goal: { metric: rating, direction: higher, margin: 0.1 }";
const policy = (canary: string, more = "") =>
  `canary: { stages: [{ share: 50% }], ${GOAL}, ${canary} }\n${more}`;
const many = (count: number, entry: (at: number) => string) =>
  Array.from({ length: count }, (_, at) => entry(at)).join(", ");

describe("a duration, a count or a list of a policy that is out of all bounds is refused at the check, with the reason", () => {
  it.each([
    [
      "a lease",
      policy("lease: 9999999999999d"),
      "canary.lease: must be at most 7d: that long a candidate is served",
    ],
    [
      "an interval",
      policy("interval: 1ms"),
      "canary.interval: must be at least 10ms: each look reads the evidence",
    ],
    ["a long interval", policy("interval: 30d"), "canary.interval: must be at most 1d"],
    [
      "an endless rollout",
      policy("max_duration: 400d"),
      "canary.max_duration: must be at most 365d: a rollout that is open longer",
    ],
    [
      "a duration with an exponent",
      policy("max_duration: 1e20d"),
      "canary.max_duration: write a duration as",
    ],
    [
      "a duration beyond all numbers",
      policy(`max_duration: ${"9".repeat(400)}d`),
      "canary.max_duration: write a duration as",
    ],
    ["units", policy("max_units: 1e12"), "canary.max_units: must be at most 100,000,000"],
    [
      "a hold",
      policy("on_inconclusive: hold, hold_timeout: 9999d"),
      "canary.hold_timeout: must be at most 365d",
    ],
    [
      "a fuse's patience",
      policy("fuses: [{ metric: error, above: 0.2, ticks: 1000000 }]"),
      "canary.fuses.0.ticks: must be at most 1,000",
    ],
    [
      "fuses",
      policy(`fuses: [${many(21, () => "{ metric: error, above: 0.2 }")}]`),
      "canary.fuses: has 21 entries; 20 is the most",
    ],
    [
      "guardrails",
      policy(`guardrails: [${many(21, (at) => `{ metric: m${at}, direction: lower, margin: 1 }`)}]`),
      "canary.guardrails: has 21 entries",
    ],
    [
      "stages",
      `canary: { ${GOAL}, stages: [${many(5000, () => "{ share: 50% }")}] }\n`,
      "canary.stages: has 5,000 entries; 20 is the most",
    ],
    [
      "time in a stage",
      `canary: { ${GOAL}, stages: [{ share: 5%, for: 99999d }, { share: 50% }] }\n`,
      "canary.stages.0.for: must be at most 365d",
    ],
    [
      "webhooks",
      policy("lease: 5m", `notify: [${many(10_000, () => '{ webhook: "https://hooks.example/" }')}]\n`),
      "notify: has 10,000 entries; 10 is the most",
    ],
    [
      "a window",
      policy("lease: 5m", "metrics: { rating: { window: 9999d } }\n"),
      "metrics.rating.window: must be at most 90d",
    ],
    [
      "silence",
      policy("lease: 5m", "metrics: { rating: { freshness: 9999d } }\n"),
      "metrics.rating.freshness: must be at most 90d",
    ],
    [
      "a cap",
      policy("lease: 5m", "metrics: { rating: { cap: 1e300 } }\n"),
      "metrics.rating.cap: must be at most",
    ],
    [
      "metrics",
      policy("lease: 5m", `metrics: { ${many(101, (at) => `m${at}: {}`)} }\n`),
      "metrics: has 101 entries",
    ],
    [
      "an approval's patience",
      policy("lease: 5m", "approval: { before: promote, timeout: 9999d }\n"),
      "approval.timeout: must be at most 365d",
    ],
    ["a watch", policy("lease: 5m", "watch: { for: 9999d }\n"), "watch.for: must be at most 365d"],
    [
      "a gate's cost",
      policy("lease: 5m", "gate: { dataset: d.yaml, max_cost_usd: 1e9 }\n"),
      "gate.max_cost_usd: must be at most 1,000,000",
    ],
  ])("%s", (_, text, problem) => {
    expect(() => readPolicyFile(text, "policy.yaml")).toThrow(problem);
    expect(() => readPolicyFile(text, "policy.yaml")).toThrow(/^policy\.yaml:\d+:\d+: /);
  });

  it("what is on the bound is taken", () => {
    expect(readPolicyFile(policy("lease: 7d, interval: 10ms, max_duration: 365d"), "p").canary).toMatchObject(
      {
        lease_ms: 604_800_000,
        interval_ms: 10,
      },
    );
  });
});
