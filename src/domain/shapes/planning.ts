import type { MetricScenario } from "../../statistics/planning/imagined-units.ts";
import type { Plan } from "../../statistics/planning/plan-shape.ts";
import type { MetricHistory } from "../../statistics/planning/planned-runs.ts";
import type { SimulationResult } from "../../statistics/planning/simulate.ts";
import type { ImaginedSegment } from "../../statistics/planning/simulation.ts";
import type { MetricKind } from "../policy/policy.ts";

/** What is known of a baseline before a rollout starts. */
export interface BaselineHistory {
  /** Outcomes of the baseline in the last 7 days. */
  readonly outcomes: number;
  /** Of all the scope's versions, over the part of the last 7 days in which there were any; null: none. */
  readonly outcomesPerDay: number | null;
  readonly metrics: Readonly<Record<string, MetricHistory>>;
}

/** How many of a metric's values came in after windows of so many ms. */
export interface AnswerDelay {
  readonly metric: string;
  readonly values: number;
  readonly late: number;
}

/**
 * What a rollout would need and could find. Where nothing is served yet, or the policy has no canary, there is nothing
 * to compare with: of the plan it has no metrics, no warnings, and nothing else.
 */
export interface RolloutPlan
  extends Partial<Omit<Plan, "metrics" | "warnings">>, Pick<Plan, "metrics" | "warnings"> {
  /** `support-reply@3`. */
  readonly candidate: string;
  /** Null: the scope serves nothing yet, so that the gate alone decides. */
  readonly baseline: string | null;
  readonly label: string;
  readonly model: string | null;
  readonly tenant: string | null;
  /** New units a day; null: not known. */
  readonly unitsPerDay: number | null;
  readonly trafficFrom: "given" | "usage" | null;
  readonly history: BaselineHistory;
  /** Of the metrics whose window is under the default: how many values this scope has seen come after it. */
  readonly cutOff: readonly AnswerDelay[];
  /** Windows under the default, in ms, by metric. */
  readonly shortWindows: Readonly<Record<string, number>>;
  /** When the policy ends a canary, in ms; null without one. */
  readonly maxDurationMs: number | null;
  /** What watches after a promotion: per cent of units, and for how long; null without one. */
  readonly holdback: { readonly share: number; readonly forMs: number } | null;
  /** True when, as far as is known, the policy cannot conclude within its max_duration and max_units. */
  readonly cannotConclude: boolean;
  /** What the cases of the gate can show at most; null without a gate or a baseline. */
  readonly gate: string | null;
}

/** What is imagined of a metric, and where its baseline comes from. */
export interface ImaginedMetric {
  readonly metric: string;
  readonly kind: MetricKind;
  readonly scenario: MetricScenario;
  readonly from: "given" | "usage" | "assumed";
}

/** How often a policy promotes or rolls back, in an imagined scenario. */
export interface SimulatedPolicy extends SimulationResult {
  readonly standardErrors: Readonly<Record<"promoted" | "rolledBack" | "inconclusive", number>>;
  readonly seed: number;
  readonly unitsPerDay: number;
  readonly trafficFrom: "given" | "usage" | "assumed";
  readonly lookEveryMs: number;
  readonly metrics: readonly (Omit<ImaginedMetric, "scenario"> & { readonly truth: MetricScenario })[];
  readonly segments: readonly ImaginedSegment[];
}
