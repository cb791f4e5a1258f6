import { describe, expect, it } from "vitest";
import { overCap, UNANSWERED } from "../../../src/domain/rollout/measurements.ts";
import type { MetricSpec } from "../../../src/domain/policy/policy.ts";
import type { Cell } from "../../../src/domain/rollout/verdict.ts";
import { assess, type AssessmentInput } from "../../../src/statistics/decision/assessment.ts";
import { CANARY, epoch, METRICS, rate, tick } from "../canary-evidence.ts";

type Case = readonly [
  wait: string,
  input: Partial<AssessmentInput> & { cells: readonly Cell[] },
  ends: RegExp,
];

const HOUR = 3_600_000;
const windows = (ms: number): Record<string, MetricSpec> =>
  Object.fromEntries(Object.entries(METRICS).map(([name, spec]) => [name, { ...spec, window_ms: ms }]));
const exposed = (units: number, stage = 2) => [{ epoch: 0, candidate: units, control: units, stage }];
const without = (cells: readonly Cell[], metric: string) => cells.filter((cell) => cell.metric !== metric);
const mean = (n: number, value: number, sd: number, arm: Cell["arm"]): Cell => ({
  epoch: 0,
  arm,
  metric: "latency_ms",
  units: n,
  n,
  mean: value,
  m2: sd * sd * (n - 1),
});

/** Everything that can keep a look from deciding, with what its sentence has to say of the end of it. */
const WAITS: readonly Case[] = [
  ["nobody has come yet", { cells: [], exposures: [], stage: 0 }, /no unit has been exposed yet/],
  [
    "windows are open before the first value",
    {
      cells: [],
      exposures: exposed(50, 0),
      stage: 0,
      metrics: windows(HOUR),
      nextClosing: { windowMs: HOUR, inMs: 660_000 },
    },
    /100 units wait for their window; the first closes in 11 minutes/,
  ],
  [
    "closed units lack a value",
    {
      cells: epoch(500).map((cell) => (cell.metric === "success" ? { ...cell, n: 0, mean: 0, m2: 0 } : cell)),
    },
    /success has been seen for 0 .*30 of each are needed: 1,000 units were seen to their end; it has to be recorded for more of them/,
  ],
  [
    "a stage lacks units",
    { cells: epoch(60), exposures: exposed(80, 0), stage: 0, metrics: windows(HOUR) },
    /60 units an arm have completed their window of success; 100 are needed: 40 units wait for their window of 1 hour/,
  ],
  [
    "a stage lacks time",
    { cells: epoch(500), stage: 0, dwellMs: 600_000 },
    /50 minutes of this stage are left/,
  ],
  [
    "the last stage lacks units of its own",
    {
      cells: [...epoch(500), ...epoch(20, {}, {}, 1)],
      exposures: [...exposed(500, 1), { epoch: 1, candidate: 20, control: 20, stage: 2 }],
    },
    /in the last stage 20 units an arm have completed their window of success; 100 are needed/,
  ],
  [
    "the last stage lacks time",
    { cells: epoch(9000), dwellMs: 10_000 },
    /20 seconds of the last stage are left/,
  ],
  [
    "a claim is not proven",
    { cells: epoch(2000) },
    /success is not proven yet \(score [\d.]+ of [\d.]+\), at 22.2 % of the planned units: 9,000 an arm decide at the latest/,
  ],
  [
    "a rare limit is not shown",
    {
      cells: epoch(5000, { success: 0.9 }),
      metrics: {
        ...METRICS,
        error: { ...METRICS["error"]!, base_rate: { rate: 0.01, units: 1e4, events: 100 } },
      },
    },
    /error at most 1.5 %.* is not shown yet .*: 9,000 an arm decide at the latest/,
  ],
  [
    "the one look of a fixed horizon has not come",
    { cells: epoch(2000), canary: { ...CANARY, promote_by: "fixed_horizon" } },
    /is tested once, when all the units planned have been seen \(9,000 an arm\): 22.2 % of the planned units have been/,
  ],
  [
    "earlier losses have used a margin up",
    {
      cells: epoch(2000),
      ledger: { anchor: "a", anchorName: "p@1", metrics: { success: { spent: 0.03, steps: 2 } } },
    },
    /nothing is left: it has to be better: compare with the anchor, or name another one/,
  ],
  [
    "enrolment has ended and windows are open",
    { cells: epoch(8900, { success: 0.788 }), exposures: exposed(9000), metrics: windows(HOUR) },
    /all 9,000 units an arm are enrolled, 200 units wait for their window of 1 hour/,
  ],
  [
    "the split is doubtful",
    { cells: epoch(2000), exposures: [{ epoch: 0, candidate: 2120, control: 1880, stage: 2 }] },
    /held: the split is off: .*: held until it settles/,
  ],
  [
    "values go missing with the control",
    {
      cells: epoch(2000).map((cell) =>
        cell.metric === "success" && cell.arm === "control" ? { ...cell, n: 1955, m2: 312.8 } : cell,
      ),
    },
    /held: success goes missing with the control: .*: held until it settles/,
  ],
  [
    "both arms are beyond a fuse",
    { cells: epoch(500, { error: 0.4 }, { error: 0.4 }) },
    /in both arms: held until the control is within it again/,
  ],
  [
    "a metric is stale",
    { cells: epoch(500), silenceMs: { error: { candidate: 1_200_000, control: 0 } } },
    /no error has come from the candidate for 20 minutes, and at most 10 minutes is allowed: held until one does/,
  ],
  [
    "a metric never came",
    { cells: epoch(500), silenceMs: { error: { candidate: null, control: null } } },
    /no error has ever come from the candidate: held until one does/,
  ],
  [
    "values cannot be used",
    { cells: epoch(500).map((cell) => (cell.metric === "success" ? { ...cell, mean: 3 } : cell)) },
    /success holds values that cannot be used .*: a rollout that is started anew does not have them/,
  ],
  [
    "a metric does not vary",
    {
      cells: [
        ...without(epoch(500), "latency_ms"),
        mean(500, 900, 0, "candidate"),
        mean(500, 900, 0, "control"),
      ],
      stage: 1,
    },
    /latency_ms does not vary in either arm: .*; it has to before a difference can be told/,
  ],
  [
    "an operator has paused it, or is asked",
    { cells: epoch(9000), frozen: true },
    /until an operator resumes or decides/,
  ],
  [
    "a promotion that was asked for lacks evidence",
    { cells: epoch(10), promoteNow: true, exposures: exposed(60), metrics: windows(HOUR) },
    /asked to promote, which takes evidence: .*30 of each are needed: 100 units wait for their window of 1 hour/,
  ],
];

describe("Whatever makes a decision wait is said in one sentence with what ends the waiting", () => {
  it.each(WAITS)("%s", (_, input, ends) => {
    const { verdict, reason } = assess(tick(input));
    expect(verdict).toBe("continue");
    expect(reason).toMatch(ends);
    expect(reason).not.toMatch(/\. |\n/);
  });

  it("of silence and what is over a cap, too", () => {
    const metrics = {
      ...windows(HOUR),
      latency_ms: { ...METRICS["latency_ms"]!, cap: 2000 },
      [UNANSWERED]: { kind: "rare" as const, window_ms: 0 },
    };
    const over = (arm: Cell["arm"], share: number) => rate(arm, overCap("latency_ms"), 5000, share);
    const cells = [...epoch(5000, { success: 0.95 }), over("candidate", 0.01), over("control", 0.01)];
    const silent = [rate("candidate", UNANSWERED, 5000, 0.01), rate("control", UNANSWERED, 5000, 0.01)];
    const waits = assess(
      tick({
        cells: [...cells, ...silent],
        metrics,
        canary: { ...CANARY, guardrails: CANARY.guardrails.slice(0, 1) },
      }),
    );
    expect(waits.verdict).toBe("continue");
    expect(waits.reason).toMatch(/latency_ms over cap at most .*is not shown yet .*decide at the latest/);
  });
});
