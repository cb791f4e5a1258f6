import { describe, expect, it } from "vitest";
import { readPolicyFile } from "../../src/domain/policy-file.ts";

const canary = (goal: string, rest = "") =>
  `canary:\n  stages: [{ share: 5% }, { share: 50% }]\n  goal: ${goal}\n${rest}`;
const rails = (...of: string[]) => `  guardrails:\n${of.map((rail) => `    - ${rail}\n`).join("")}`;
const GOAL = "{ metric: rating, direction: higher, margin: 0.1 }";

describe("a policy that would decide wrongly", () => {
  it.each([
    [
      "a margin of the wrong sign",
      canary("{ metric: rating, direction: higher, margin: -0.1 }"),
      "must be above 0",
    ],
    ["a margin of nothing", canary("{ metric: rating, direction: higher, margin: 0 }"), "must be above 0"],
    [
      "a relative margin of the wrong sign",
      canary(GOAL, rails("{ metric: latency_ms, direction: lower, margin: -10% }")),
      "must be above 0",
    ],
    ["a goal without its margin", canary("{ metric: rating, direction: higher }"), "needs a margin"],
    [
      "a guardrail without its margin",
      canary(GOAL, rails("{ metric: latency_ms, direction: lower }")),
      "needs a margin",
    ],
    [
      "a goal that is a guardrail too",
      canary(GOAL, rails("{ metric: rating, direction: higher, margin: 1 }")),
      "rating is named twice: it is the goal already",
    ],
    [
      "a guardrail that is named twice",
      canary(
        GOAL,
        rails("{ metric: a, direction: lower, margin: 1 }", "{ metric: a, direction: higher, margin: 2 }"),
      ),
      "a is named twice: it is guardrail 1 already",
    ],
    ["no way that is better", canary("{ metric: rating, margin: 1 }"), "direction"],
    [
      "a rare metric that should grow",
      canary(GOAL, rails("{ metric: error, direction: higher, tolerated_ratio: 2 }")),
      "lower is better",
    ],
    [
      "a tolerated ratio under 1",
      canary(GOAL, rails("{ metric: error, direction: lower, tolerated_ratio: 0.5 }")),
      "at least 1",
    ],
    [
      "a metric twice among the metrics",
      `metrics: { rating: {}, rating: {} }\n${canary(GOAL)}`,
      "must be unique",
    ],
    ["an infinite margin", canary("{ metric: rating, direction: higher, margin: .inf }"), "margin"],
    ["a fuse that is no number", canary(GOAL, "  fuses: [{ metric: error, above: .nan }]\n"), "above"],
  ])("is refused with its place: %s", (_, text, message) => {
    expect(() => readPolicyFile(text, "policy.yaml")).toThrow(message);
    expect(() => readPolicyFile(text, "policy.yaml")).toThrow(/^policy\.yaml:\d+:\d+/);
  });
});
