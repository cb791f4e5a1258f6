import { describe, expect, it } from "vitest";
import { readPolicyFile } from "../../../src/domain/policy/policy-file.ts";

const read = (canary: string, metrics = "") =>
  readPolicyFile(`${metrics}\ncanary:\n  ${canary.split("\n").join("\n  ")}\n`, "p.yaml");
const GOAL = "goal: { metric: rating, direction: higher, margin: 0.1 }";

describe("A policy that nothing could ever be promoted by", () => {
  it.each([
    [`max_units: 29\nmin_units: 5\n${GOAL}`, "", /canary.max_units: must be at least 30/],
    [
      `max_duration: 1d\n${GOAL}`,
      "metrics: { rating: { window: 14d } }",
      /stages before the last take 5h, and rating is counted 14d/,
    ],
    [`max_duration: 310m\n${GOAL}`, "", /make it longer than 315m/],
    [
      `stages: [{ share: 50%, for: 2h }]\nmax_duration: 2h\n${GOAL}`,
      "",
      /last one 2h; make it longer than 2h/,
    ],
    [
      `stages: [{ share: 50% }]\nmax_duration: 10m\n${GOAL}`,
      "",
      /over before the last stage could promote anything: rating is counted 15m/,
    ],
  ])("is told so when it is read: %#", (canary, metrics, problem) => {
    expect(() => read(canary, metrics)).toThrow(problem);
  });

  it("is one by the narrowest of each, and not a hair beside it", () => {
    expect(() => read(`max_units: 30\nmin_units: 5\n${GOAL}`)).not.toThrow();
    expect(() => read(`stages: [{ share: 50% }]\nmax_duration: 901s\n${GOAL}`)).not.toThrow();
    expect(() => read(`stages: [{ share: 50% }]\nmax_duration: 900s\n${GOAL}`)).toThrow(/max_duration/);
  });
});

describe("A watch that holds nobody back", () => {
  it.each(["0%", "0.001%"])("is told so when it is read: %s", (holdback) => {
    expect(() =>
      readPolicyFile(`canary: { ${GOAL} }\nwatch: { for: 1h, holdback: ${holdback} }\n`, "p.yaml"),
    ).toThrow(/watch.holdback/);
  });
});

describe("A limit that anything is within, or beyond", () => {
  it.each([
    [
      "goal: { metric: score, direction: higher, margin: 100% }",
      /canary.goal.margin: 100% worse is nothing left/,
    ],
    [
      `${GOAL}\nguardrails: [{ metric: score, direction: higher, margin: 150% }]`,
      /canary.guardrails.0.margin: 150% worse/,
    ],
    [
      `${GOAL}\nguardrails: [{ metric: latency_ms, direction: lower }]\nfuses: [{ metric: latency_ms, above: 0 }]`,
      /canary.fuses.0.above: latency_ms is positive/,
    ],
  ])("is told so when it is read: %#", (canary, problem) => {
    expect(() => read(canary)).toThrow(problem);
  });

  it("may be larger where lower is better, and a mean may have a fuse at 0", () => {
    for (const more of [
      "guardrails: [{ metric: latency_ms, direction: lower, margin: 150% }]",
      "fuses: [{ metric: rating, below: 0 }]",
    ])
      expect(() => read(`${GOAL}\n${more}`)).not.toThrow();
  });
});
