import { recordedMetrics, type CanaryPolicy, type MetricKind, type MetricSpec } from "../policy/policy.ts";

/**
 * What a unit's value of a metric is. `value`: the mean of its readings; `log`: its logarithm; `over_cap`: 1 where
 * a reading was over the cap; `unanswered`: 1 where no outcome had come when its window closed; `any_trouble`: 1
 * where an outcome had an error, a time-out, a refusal or a wrong form, or none came.
 */
export type Measure = "value" | "log" | "over_cap" | "unanswered" | "any_trouble";

/** One row of what a rollout folds its units into. */
export interface Measurement {
  readonly metric: string;
  readonly kind: MetricKind;
  readonly measure: Measure;
  /** The name that outcomes carry it under; '' where it is not read from a value. */
  readonly source: string;
  readonly window_ms: number;
  readonly cap: number | null;
  /** Ratio metrics: requests of a unit beyond this many count, with their values, as this many. */
  readonly most_requests: number | null;
}

/** Closed units without any outcome: always watched. */
export const UNANSWERED = "unanswered";
/** Units with an error, a time-out, a refusal, a wrong form or no outcome: for one guardrail over all of them. */
export const ANY_TROUBLE = "any_trouble";
export const BUILT_IN: readonly string[] = [UNANSWERED, ANY_TROUBLE];

/** One user with thousands of requests must not decide a ratio alone. */
const MOST_REQUESTS = 100;

/** The companion of a capped metric. No metric of a policy can have this name. */
export function overCap(metric: string): string {
  return `${metric} over cap`;
}

/**
 * Capped metrics whose high values are the bad ones: what the cap hides is watched as a share of units. Where higher
 * is better, more units over the cap are no harm.
 */
export function cappedMetrics(
  canary: CanaryPolicy,
  metrics: Readonly<Record<string, MetricSpec>>,
): readonly string[] {
  return [canary.goal, ...canary.guardrails]
    .filter(({ metric, direction }) => direction === "lower" && metrics[metric]?.cap !== undefined)
    .map(({ metric }) => metric);
}

/** Everything that a unit of this rollout is folded for. */
export function measurements(policy: {
  readonly canary?: CanaryPolicy;
  readonly metrics: Readonly<Record<string, MetricSpec>>;
}): readonly Measurement[] {
  const { canary, metrics } = policy;
  if (!canary) return [];
  const names = new Set(recordedMetrics(canary));
  if (metrics[UNANSWERED]) names.add(UNANSWERED);
  const rows = [...names].map((metric): Measurement => {
    const { kind, window_ms, cap, scale } = metrics[metric]!;
    const builtIn = BUILT_IN.includes(metric);
    return {
      metric,
      kind,
      measure: builtIn ? (metric as Measure) : scale === "log" ? "log" : "value",
      source: builtIn ? "" : metric,
      window_ms,
      cap: cap ?? null,
      most_requests: kind === "ratio" ? MOST_REQUESTS : null,
    };
  });
  const companions = cappedMetrics(canary, metrics).map((source): Measurement => {
    const { window_ms, cap } = metrics[source]!;
    return {
      metric: overCap(source),
      kind: "rare",
      measure: "over_cap",
      source,
      window_ms,
      cap: cap!,
      most_requests: null,
    };
  });
  return [...rows, ...companions];
}
