import { canaryOf } from "../../../src/domain/policy/policy.ts";
import { describe, expect, it } from "vitest";
import { readPolicyFile } from "../../../src/domain/policy/policy-file.ts";

const canary = (goal: string, rest = "") =>
  `canary:\n  stages: [{ share: 5% }, { share: 50% }]\n  goal: ${goal}\n${rest}`;
const rails = (...of: string[]) => `  guardrails:\n${of.map((rail) => `    - ${rail}\n`).join("")}`;
const GOAL = "{ metric: rating, direction: higher, margin: 0.1 }";

describe("a policy that would decide wrongly", () => {
  it.each([
    [
      "a monitor that costs money",
      `monitors: { regate: { max_cost_usd: 2 } }\n${canary(GOAL)}`,
      "monitors.regate: costs money, so it is set for a scope: sluice monitors set",
    ],
    [
      "a budget that refuses calls",
      `monitors: { cost: { per_day_usd: 5, stop: true } }\n${canary(GOAL)}`,
      "monitors.cost.stop: has calls refused",
    ],
    [
      "a monitor that cannot be read",
      `monitors: { errors: { tolerate: much } }\n${canary(GOAL)}`,
      ":1:11: monitors: errors: tolerate: write a part as 10%",
    ],
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
      canary(GOAL, rails("{ metric: length, direction: lower }")),
      "needs a margin",
    ],
    [
      "an increase that is a ratio",
      canary(GOAL, rails("{ metric: error, direction: lower, tolerated_increase: 10% }")),
      "0.5pp",
    ],
    [
      "an increase of what is no rare event",
      canary(GOAL, rails("{ metric: score, direction: higher, margin: 1, tolerated_ratio: 2 }")).replace(
        "canary:",
        "metrics: { score: { kind: mean } }\ncanary:",
      ),
      "is for rare metrics",
    ],
    [
      "a logarithm of what is no mean",
      `metrics: { rating: { kind: proportion, scale: log } }\n${canary(GOAL)}`,
      "log is for means",
    ],
    [
      "ratios compared by a difference",
      `metrics: { rating: { scale: log } }\n${canary(GOAL)}`,
      "margin must be relative",
    ],
    ["a fuse that no share can pass", canary(GOAL, "  fuses: [{ metric: error, above: 20 }]\n"), "a share"],
    [
      "settings of what is built in",
      `metrics: { unanswered: { window: 1h } }\n${canary(GOAL)}`,
      "is built in",
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

describe("a policy of three lines", () => {
  const least = readPolicyFile(
    "canary:\n  goal: { metric: rating, direction: higher, margin: 0.1 }\n" +
      rails(
        "{ metric: error, direction: lower }",
        "{ metric: latency_ms, direction: lower }",
        "{ metric: cost_usd, direction: lower }",
        "{ metric: any_trouble, direction: lower }",
      ),
    "policy.yaml",
  );
  const { metrics } = least;
  const written = canaryOf(least);

  it("waits as long as an SDK does, and watches for silence as long as the slowest metric", () => {
    const MINUTES_15 = 900_000;
    expect(Object.values(metrics).map(({ window_ms }) => window_ms)).toEqual(
      Object.keys(metrics).map(() => MINUTES_15),
    );
    expect(metrics["unanswered"]).toEqual({ kind: "rare", window_ms: MINUTES_15 });
    const slow = readPolicyFile(`metrics: { rating: { window: 2h } }\n${canary(GOAL)}`, "policy.yaml");
    expect(slow.metrics["unanswered"]).toEqual({ kind: "rare", window_ms: 7_200_000 });
  });

  it("tolerates 1.5 times the errors and 10 % of latency and cost, and goes through the usual stages", () => {
    expect(written.guardrails).toEqual([
      { metric: "error", direction: "lower", tolerated_ratio: 1.5 },
      { metric: "latency_ms", direction: "lower", margin: { kind: "relative", value: 0.1 } },
      { metric: "cost_usd", direction: "lower", margin: { kind: "relative", value: 0.1 } },
      { metric: "any_trouble", direction: "lower", tolerated_ratio: 1.5 },
    ]);
    expect(written.stages.map(({ share, dwell_ms }) => [share, dwell_ms / 3_600_000])).toEqual([
      [500, 1],
      [2500, 4],
      [5000, 0],
    ]);
  });

  it("keeps what people call things where it is said, and is the same policy as ever where it is not", () => {
    const named = readPolicyFile(
      `metrics: { rating: { title: Customer rating, unit: stars } }\n${canary(GOAL, "  users: customers\n")}`,
      "policy.yaml",
    );
    expect(named.metrics["rating"]).toMatchObject({ title: "Customer rating", unit: "stars" });
    expect(named.canary).toMatchObject({ users: "customers" });
    // Hashed in this form, so a key that is not written must not be there.
    const plain = readPolicyFile(canary(GOAL), "policy.yaml");
    expect(Object.keys(plain.metrics["rating"]!)).toEqual(["kind", "window_ms", "coverage"]);
    expect(plain.canary).not.toHaveProperty("users");
    const { title: _, unit: __, ...spec } = named.metrics["rating"]!;
    expect(spec).toEqual(plain.metrics["rating"]);
    expect(() => readPolicyFile(canary(GOAL, '  users: "a\\u202eb"\n'), "policy.yaml")).toThrow(
      /can be seen/,
    );
  });

  it("compares latency by ratios and cost by what is paid, and only shows how many rate", () => {
    expect(metrics["latency_ms"]).toMatchObject({ kind: "mean", scale: "log" });
    expect(metrics["cost_usd"]).not.toHaveProperty("scale");
    expect(metrics["rating"]).toMatchObject({ coverage: "reported" });
    expect(metrics["any_trouble"]).toMatchObject({ kind: "rare" });
    const plain = readPolicyFile(
      `metrics: { latency_ms: { scale: plain } }\n${canary(GOAL, rails("{ metric: latency_ms, direction: lower }"))}`,
      "policy.yaml",
    );
    expect(plain.metrics["latency_ms"]).not.toHaveProperty("scale");
  });

  it("lets a rollback wait for the whole margin where it says so", () => {
    const goal = "{ metric: solved, direction: higher, margin: 0.1, rollback_tolerance: margin }";
    expect(canaryOf(readPolicyFile(canary(goal), "policy.yaml")).goal.rollback_tolerance).toEqual({
      kind: "absolute",
      value: 0.1,
    });
  });
});

describe("a policy without a canary", () => {
  it("is a gate alone, which lets nothing on that cannot be told", () => {
    const policy = readPolicyFile(
      "gate: { dataset: golden.yaml }\napproval: { before: promote }\n",
      "p.yaml",
    );
    expect(policy.canary).toBeUndefined();
    expect(policy).toMatchObject({
      gate: { on_insufficient: "reject" },
      metrics: {},
      approval: { before: ["promote"] },
    });
    expect(() => canaryOf(policy)).toThrow("has no canary");
  });

  it.each([
    ["notify: []\n", "p.yaml:1:1: a policy needs a gate, a canary or both"],
    ["gate: { dataset: g.yaml, on_insufficient: canary }\n", "canary needs a canary"],
    ["gate: { dataset: g.yaml }\nwatch: { for: 1h }\n", "watch: needs a canary"],
    [
      "gate: { dataset: g.yaml }\nnotify: [{ webhook: https://h.example, events: [advance] }]\n",
      "must be one of started, waiting_for_approval, advanced",
    ],
    ["gate: { dataset: g.yaml }\nmetrics: { rating: { window: 1h } }\n", "metrics: need a canary"],
  ])("is refused where %j asks for what only a canary has", (text, message) => {
    expect(() => readPolicyFile(text, "p.yaml")).toThrow(message);
  });
});

it("keeps what a policy says of monitors, with a canary or without", () => {
  const monitors = "monitors: { errors: { tolerate: 20% }, slow: off }\n";
  for (const rest of [canary(GOAL), "gate: { dataset: cases.yaml }\n"])
    expect(readPolicyFile(monitors + rest, "policy.yaml").monitors).toMatchObject({
      errors: { kind: "rate", metric: "error", tolerate: 0.2 },
      slow: "off",
    });
});
