import type { CanaryPolicy, Direction, Goal, Guardrail, MetricSpec } from "../../../domain/policy/policy.ts";
import type { Margin } from "../../../domain/policy/quantity.ts";

/** A goal or guardrail as the tests need it. */
export interface MonitoredMetric {
  readonly metric: string;
  readonly role: "goal" | "guardrail";
  readonly spec: MetricSpec;
  readonly direction: Direction;
  /** What promotion asks for; `harmless` is a guardrail that blocks by harm alone. */
  readonly claim: "superior" | "non_inferior" | "harmless";
  readonly margin: Margin | undefined;
  /** Harm up to this much is not acted on. */
  readonly tolerance: Margin;
  readonly toleratedRatio: number;
}

const DEFAULT_SPEC: MetricSpec = { kind: "mean", window_ms: 0 };
const NO_TOLERANCE: Margin = { kind: "absolute", value: 0 };
/** Names of what went wrong: worse by anything is harm, whatever kind of number it is. */
const TROUBLE = /error|fail|time_?out|refus|reject|invalid|complain|crash/i;

/** The goal first, then the guardrails; a metric named twice counts once, as the goal. */
export function monitored(
  canary: CanaryPolicy,
  metrics: Readonly<Record<string, MetricSpec>>,
): readonly MonitoredMetric[] {
  const found = new Map<string, MonitoredMetric>();
  for (const rail of [canary.goal, ...canary.guardrails]) {
    if (found.has(rail.metric)) continue;
    const spec = metrics[rail.metric] ?? DEFAULT_SPEC;
    const { metric, direction } = rail;
    const margin = sound(rail.margin);
    found.set(metric, {
      metric,
      role: rail === canary.goal ? "goal" : "guardrail",
      spec,
      direction,
      claim: "claim" in rail ? rail.claim : margin ? "non_inferior" : "harmless",
      margin,
      tolerance: toleranceOf(rail, spec, margin),
      toleratedRatio: "tolerated_ratio" in rail ? (rail.tolerated_ratio ?? 1) : 1,
    });
  }
  return [...found.values()];
}

/** A margin of the wrong sign would prove anything; it counts as none. */
function sound(margin: Margin | undefined): Margin | undefined {
  return margin && margin.value > 0 && Number.isFinite(margin.value) ? margin : undefined;
}

/**
 * What is written wins. Otherwise any harm to the goal, to a rate and to errors counts, while a
 * lower-is-better quantity (latency, cost, tokens) is taken back only when it is worse by more than its
 * margin: a better answer may be a little slower.
 */
function toleranceOf(rail: Goal | Guardrail, spec: MetricSpec, margin: Margin | undefined): Margin {
  if ("rollback_tolerance" in rail && rail.rollback_tolerance && rail.rollback_tolerance.value >= 0)
    return rail.rollback_tolerance;
  const quantity = spec.kind === "mean" || spec.kind === "ratio";
  return rail.direction === "lower" && quantity && margin && !TROUBLE.test(rail.metric)
    ? margin
    : NO_TOLERANCE;
}
