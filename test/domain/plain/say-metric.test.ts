import { describe, expect, it } from "vitest";
import type { CanaryPolicy, MetricSpec } from "../../../src/domain/policy/policy.ts";
import { overCap, UNANSWERED } from "../../../src/domain/rollout/measurements.ts";
import type { RolloutSetting } from "../../../src/domain/rollout/reading.ts";
import type { Cell } from "../../../src/domain/rollout/verdict.ts";
import { inOneLine } from "../../../src/domain/plain/said.ts";
import { sayLine } from "../../../src/domain/plain/say-metric.ts";
import { assess, type AssessmentInput } from "../../../src/statistics/decision/assessment.ts";
import { readingsOf } from "../../../src/statistics/decision/edges/readings.ts";
import { rate, tick } from "../../statistics/canary-evidence.ts";

const canary: CanaryPolicy = {
  stages: [
    { share: 500, dwell_ms: 0 },
    { share: 5000, dwell_ms: 0 },
  ],
  interval_ms: 1,
  min_units: 10,
  max_units: 9_000,
  max_duration_ms: 1e9,
  goal: {
    metric: "rating",
    direction: "higher",
    claim: "non_inferior",
    margin: { kind: "absolute", value: 0.1 },
  },
  guardrails: [
    { metric: "latency_ms", direction: "lower", margin: { kind: "relative", value: 0.1 } },
    { metric: "cost_usd", direction: "lower", margin: { kind: "relative", value: 0.1 } },
    { metric: "error", direction: "lower", tolerated_ratio: 1.5 },
    { metric: "refusal", direction: "lower", tolerated_ratio: 1.5, proof: "harm_only" },
  ],
  fuses: [{ metric: "error", above: 0.2 }],
  segments: ["language"],
  promote_by: "group_sequential",
  on_inconclusive: "rollback",
  lease_ms: 1,
};
const spec = (kind: MetricSpec["kind"], more: Partial<MetricSpec> = {}): MetricSpec => ({
  kind,
  window_ms: 0,
  ...more,
});
const metrics: Record<string, MetricSpec> = {
  rating: spec("mean", { title: "Customer rating", unit: "stars" }),
  latency_ms: spec("mean", { scale: "log" }),
  cost_usd: spec("mean", { cap: 0.4 }),
  error: spec("rare"),
  refusal: spec("rare"),
  [UNANSWERED]: spec("rare"),
};

interface Arms {
  readonly n: number;
  readonly n2?: number;
  readonly candidate?: Readonly<Record<string, number>>;
  readonly control?: Readonly<Record<string, number>>;
}
/** What both groups had of everything, unless told. */
const USUAL = {
  rating: 4,
  latency_ms: Math.log(830),
  cost_usd: 0.01,
  error: 0.01,
  refusal: 0.01,
  [UNANSWERED]: 0.01,
  [overCap("cost_usd")]: 0.01,
};
const SPREAD: Readonly<Record<string, number>> = { rating: 1, latency_ms: 0.5, cost_usd: 0.005 };

function cells({ n, n2 = n, candidate = {}, control = {} }: Arms): Cell[] {
  return (["candidate", "control"] as const).flatMap((arm) => {
    const units = arm === "candidate" ? n : n2;
    const own = arm === "candidate" ? candidate : control;
    return Object.entries({ ...USUAL, ...own }).map(([metric, mean]): Cell => {
      const sd = SPREAD[metric];
      return sd === undefined
        ? rate(arm, metric, units, mean)
        : { epoch: 0, arm, metric, units, n: units, mean, m2: sd * sd * (units - 1) };
    });
  });
}

/** Decided and read as a look is, and then said. */
function look(arms: Arms, more: Partial<AssessmentInput> = {}, names = metrics) {
  const input = tick({ canary, metrics: names, cells: cells(arms), stage: 1, ...more });
  const { readings, fuses } = readingsOf(input);
  const setting: Pick<RolloutSetting, "users" | "names" | "readings" | "fuses"> = {
    users: "users",
    names,
    readings,
    fuses,
  };
  const { evidence } = assess(input);
  return (metric: string, role?: string) => {
    const line = evidence.find((one) => one.metric === metric && (role === undefined || one.role === role));
    if (!line) throw new Error(`no line of ${metric}`);
    return inOneLine(sayLine(line, setting));
  };
}

describe("one metric is said in plain words", () => {
  it.each([
    ["too few", { n: 12, n2: 40 }, {}, "rating", "Too few yet. 12 of 30 users needed in each group."],
    [
      "before the last stage",
      { n: 400, candidate: { rating: 3.98 } },
      { stage: 0 },
      "rating",
      "No worse so far. 3.98 stars against 4 stars.",
    ],
    [
      "better for sure",
      { n: 4_000, candidate: { rating: 4.11 } },
      { stage: 0 },
      "rating",
      /^Better so far\. About 0\.11 stars, in the worst case 0\.0\d+ stars\.$/,
    ],
    [
      "open",
      { n: 500 },
      {},
      "rating",
      /^Not certain yet\. In the worst case 0\.\d+ stars worse; 0\.1 stars are allowed\.$/,
    ],
    [
      "good enough",
      { n: 9_000, candidate: { rating: 3.99 } },
      {},
      "rating",
      /^Good enough\. In the worst case 0\.0\d+ stars worse; 0\.1 stars are allowed\.$/,
    ],
    [
      "better",
      { n: 9_000, candidate: { rating: 4.2 } },
      {},
      "rating",
      /^Better\. In the worst case still 0\.1\d stars better\.$/,
    ],
    [
      "harm",
      { n: 400, candidate: { rating: 3.58 } },
      {},
      "rating",
      /^Worse\. About 0\.42 stars worse, certainly at least 0\.0?\d+ stars\.$/,
    ],
    [
      "harm within what a release allows",
      { n: 8_000, candidate: { rating: 3.91 } },
      {},
      "rating",
      /^Worse\. About 0\.09 stars worse, certainly at least 0\.0\d+ stars\. A release would allow 0\.1 stars\.$/,
    ],
    [
      "harm beyond a tolerance",
      { n: 2_000, candidate: { latency_ms: Math.log(1_020) } },
      {},
      "latency_ms",
      "Worse. About 190 ms slower, certainly more than the 83 ms (10 %) that are allowed.",
    ],
    [
      "money",
      { n: 400, candidate: { cost_usd: 0.02 } },
      {},
      "cost_usd",
      "Worse. About $0.01 more, certainly more than the $0.001 (10 %) that are allowed.",
    ],
    [
      "money, open",
      { n: 100 },
      {},
      "cost_usd",
      "Not certain yet. In the worst case $0.016 more; $0.001 are allowed.",
    ],
    [
      "a rare event, open",
      { n: 700, candidate: { error: 0.01 } },
      {},
      "error",
      /^Not certain yet\. 7 of 700 against 7 of 700; in the worst case [\d.]+ (%|times) .+ allowed\.$/,
    ],
    [
      "a rare event, kept",
      { n: 9_000 },
      {},
      "error",
      /^Good enough\. 90 of 9,000 against 90 of 9,000; in the worst case still within the 1\.5 % that are allowed\.$/,
    ],
    [
      "a rare event, more often",
      { n: 700, candidate: { error: 0.1 } },
      {},
      "error",
      /^More often\. 70 of 700 against 7 of 700: certainly more than [\d.]+ times as many\.$/,
    ],
    [
      "by policy",
      { n: 700 },
      {},
      "refusal",
      "Not shown, by policy. No sign of more: 7 of 700 against 7 of 700.",
    ],
    [
      "none",
      { n: 700, candidate: { refusal: 0 }, control: { refusal: 0 } },
      {},
      "refusal",
      "None yet in either group.",
    ],
    [
      "silence",
      { n: 700, candidate: { [UNANSWERED]: 0.1 } },
      {},
      UNANSWERED,
      "Answers go missing. 70 of 700 users of the new version got no answer in time, 7 of 700 with the current one.",
    ],
    [
      "over the cap",
      { n: 700, candidate: { [overCap("cost_usd")]: 0.08 } },
      {},
      overCap("cost_usd"),
      "A few are far over. 56 of 700 cost more than $0.40, 7 of 700 with the current one.",
    ],
    ["a fuse that is fine", { n: 700 }, {}, "error fuse", "Within its limit. 1 %, limit 20 %."],
    [
      "a fuse that blows",
      { n: 100, candidate: { error: 0.5 } },
      {},
      "error fuse",
      "Emergency stop. 50 % is over the limit of 20 %.",
    ],
    [
      "a fuse of both",
      { n: 100, candidate: { error: 0.5 }, control: { error: 0.5 } },
      {},
      "error fuse",
      "Over its limit in both groups. 50 %, limit 20 %. A rollback would mend nothing.",
    ],
    ["a fair split", { n: 700 }, {}, "exposures", "Fair. 700 and 700 users."],
    [
      "an uneven split",
      { n: 700 },
      { exposures: [{ epoch: 0, candidate: 312, control: 420 }] },
      "exposures",
      "Uneven. 312 and 420 users where equal numbers were expected. Nothing moves until it settles.",
    ],
    [
      "no split at all",
      { n: 700 },
      { exposures: [{ epoch: 0, candidate: 312, control: 480 }] },
      "exposures",
      "Not a fair comparison. 312 and 480 users where equal numbers were expected.",
    ],
  ] as const)("%s", (_, arms, more, metric, sentence) => {
    const [name, role] = metric.endsWith(" fuse") ? [metric.slice(0, -5), "fuse"] : [metric, undefined];
    expect(look(arms, more)(name, role)).toEqual(
      typeof sentence === "string" ? sentence : expect.stringMatching(sentence),
    );
  });

  it("a metric that has to be better says so", () => {
    const must = { ...canary, goal: { ...canary.goal, claim: "superior" as const } };
    expect(look({ n: 2_000 }, { canary: must })("rating")).toMatch(
      /^Not certain yet\. It has to be better; in the worst case it is 0\.\d+ stars worse\.$/,
    );
  });

  it("values that cannot be compared are no verdict", () => {
    const flat = cells({ n: 100 }).map((cell) => (cell.metric === "rating" ? { ...cell, m2: 0 } : cell));
    expect(look({ n: 1 }, { cells: flat })("rating")).toBe("Nothing to compare. Every value is the same.");
    const broken = cells({ n: 100 }).map((cell) =>
      cell.metric === "rating" ? { ...cell, mean: NaN } : cell,
    );
    expect(look({ n: 1 }, { cells: broken })("rating")).toBe("Cannot be used. Some values are not numbers.");
  });

  it("what goes missing on one side holds, and is harm with the new version", () => {
    const missing = (n: number) =>
      cells({ n: 700 }).map((cell) =>
        cell.metric === "rating" && cell.arm === "candidate" ? { ...cell, n } : cell,
      );
    expect(look({ n: 1 }, { cells: missing(655) })("rating", "coverage")).toBe(
      "Missing on one side. Customer rating came for 655 and 700 users. Nothing moves until it settles.",
    );
    expect(look({ n: 1 }, { cells: missing(290) })("rating", "coverage")).toBe(
      "Worse: answers go missing with the new version. Customer rating came for 290 users, and for 700 with the current one.",
    );
  });

  it("harm to a few is told of them, while all together look fine", () => {
    const own = cells({ n: 700, candidate: { rating: 3.2 } }).map((cell) => ({
      ...cell,
      segment: "language",
      value: "de",
    }));
    expect(look({ n: 9_000 }, { segments: own })("rating", "segment")).toMatch(
      /^Worse for some\. Users with language de: customer rating about 0\.8 stars worse, certainly at least 0\.\d+ stars\. On average nothing shows\.$/,
    );
  });
});
