import type { CanaryPolicy, MetricKind, MetricSpec, WatchPolicy } from "../../domain/policy/policy.ts";
import type { MonitoredMetric } from "../decision/monitored-metric.ts";
import type { MetricHistory } from "./planned-runs.ts";

export interface PlanInput {
  readonly canary: CanaryPolicy;
  readonly metrics: Readonly<Record<string, MetricSpec>>;
  /** A metric without any use so far is left out. */
  readonly history: Readonly<Record<string, MetricHistory>>;
  /** New units (users, conversations) a day in this scope; null when not known. */
  readonly unitsPerDay: number | null;
  /** After promotion: its time and share say what harm it can still see. */
  readonly watch?: WatchPolicy;
  /** Rollouts to run; 0 says what each metric needs alone, in no time. 250 by default. */
  readonly runs?: number;
}

export interface MetricPlan {
  readonly metric: string;
  readonly role: "goal" | "guardrail";
  readonly kind: MetricKind;
  readonly claim: MonitoredMetric["claim"];
  /** What a rare guardrail will be held against, as far as its history tells: one sentence. */
  readonly limit: string | null;
  /** The margin in the metric's own unit; null where there is none. */
  readonly margin: number | null;
  /** Units an arm for an 80 % chance to meet the claim when nothing differs; null when that has no answer. */
  readonly unitsNeeded: number | null;
  /** The chance that a version without any difference meets this claim in time. */
  readonly chance: number | null;
  /** The smallest margin that could be met (superior: gain that could be shown), 80 % of the time, in time. */
  readonly smallestMargin: number | null;
  /** The smallest harm that is found, 80 % of the time, in time. */
  readonly smallestHarm: number | null;
  /** The smallest harm that the holdback after promotion finds, 80 % of the time; null without one. */
  readonly holdbackHarm: number | null;
}

/** The chances of a version that is worse, though within the goal's margin, under each rollback_tolerance. */
export interface ToleranceChances {
  /** How much worse, in the goal's own unit. */
  readonly worseBy: number;
  readonly zero: { readonly promoted: number; readonly rolledBack: number };
  readonly margin: { readonly promoted: number; readonly rolledBack: number };
}

export interface Plan {
  readonly metrics: readonly MetricPlan[];
  /**
   * Units an arm, and of both arms, by which a harmless version is promoted 80 % of the time: exposed, so with
   * those whose window is open. Null when what is known gives no answer.
   */
  readonly unitsPerArm: number | null;
  readonly unitsTotal: number | null;
  /** Days until then at this traffic, stages and windows included. */
  readonly days: number | null;
  /** The metric that needs the most units, and what the others would need without it; null where there is no other. */
  readonly decidesLength: { readonly metric: string; readonly withoutIt: number } | null;
  /** Units an arm that will have been seen when max_duration is over, max_units at most. */
  readonly unitsReachable: number | null;
  /** Of harmless versions: promoted, and rolled back by a false alarm, all metrics together. */
  readonly harmlessPromoted: number | null;
  readonly harmlessRolledBack: number | null;
  readonly tolerance: ToleranceChances | null;
  /** Said before starting; empty when the policy can conclude. */
  readonly warnings: readonly string[];
}

/** Is enough known of a metric to plan with? */
export function isKnown(history: MetricHistory | undefined): history is MetricHistory {
  return history !== undefined && history.n >= 2 && Number.isFinite(history.mean + history.sd);
}
