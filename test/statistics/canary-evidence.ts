import type { CanaryPolicy, MetricSpec } from "../../src/domain/policy/policy.ts";
import type { Cell } from "../../src/domain/rollout/verdict.ts";
import type { AssessmentInput } from "../../src/statistics/decision/assessment.ts";

export const CANARY: CanaryPolicy = {
  stages: [
    { share: 500, dwell_ms: 3_600_000 },
    { share: 2500, dwell_ms: 3_600_000 },
    { share: 5000, dwell_ms: 0 },
  ],
  interval_ms: 30_000,
  min_units: 100,
  max_units: 9000,
  max_duration_ms: 14 * 86_400_000,
  goal: {
    metric: "success",
    direction: "higher",
    claim: "non_inferior",
    margin: { kind: "absolute", value: 0.02 },
  },
  guardrails: [
    { metric: "latency_ms", direction: "lower", margin: { kind: "relative", value: 0.1 } },
    { metric: "error", direction: "lower", tolerated_ratio: 1.5 },
  ],
  fuses: [{ metric: "error", above: 0.2 }],
  promote_by: "group_sequential",
  on_inconclusive: "rollback",
  lease_ms: 300_000,
};

export const METRICS: Readonly<Record<string, MetricSpec>> = {
  success: { kind: "proportion", window_ms: 0 },
  latency_ms: { kind: "mean", window_ms: 0 },
  error: { kind: "rare", window_ms: 0, freshness_ms: 600_000 },
};

export interface Arm {
  readonly success?: number;
  readonly latency?: number;
  readonly error?: number;
}

/** Both arms of one epoch with n closed units each; what is left out is as the baseline: 80 %, 1000 ms, 1 %. */
export function epoch(n: number, candidate: Arm = {}, control: Arm = {}, number = 0): Cell[] {
  return (
    [
      ["candidate", candidate],
      ["control", control],
    ] as const
  ).flatMap(([arm, { success = 0.8, latency = 1000, error = 0.01 }]) => [
    rate(arm, "success", n, success, number),
    {
      epoch: number,
      arm,
      metric: "latency_ms",
      units: n,
      n,
      mean: latency,
      m2: 800 ** 2 * Math.max(0, n - 1),
    },
    rate(arm, "error", n, error, number),
  ]);
}

/** n closed units with x = share · n of them positive. */
export function rate(arm: Cell["arm"], metric: string, n: number, share: number, number = 0): Cell {
  return { epoch: number, arm, metric, units: n, n, mean: share, m2: n * share * (1 - share) };
}

/** A tick of the last stage with nothing wrong, unless told. */
export function tick(more: Partial<AssessmentInput> & { readonly cells: readonly Cell[] }): AssessmentInput {
  const epochs = [...new Set(more.cells.map((cell) => cell.epoch))];
  const units = (arm: Cell["arm"], of: number) =>
    Math.max(
      0,
      ...more.cells.filter((cell) => cell.epoch === of && cell.arm === arm).map((cell) => cell.units),
    );
  return {
    canary: CANARY,
    metrics: METRICS,
    exposures: epochs.map((of) => ({
      epoch: of,
      candidate: units("candidate", of),
      control: units("control", of),
    })),
    stage: 2,
    dwellMs: 3_600_000,
    elapsedMs: 7_200_000,
    frozen: false,
    mode: "canary",
    fuseStreaks: {},
    silenceMs: {},
    ...more,
  };
}
