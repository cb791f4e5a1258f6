import type { CanaryPolicy, Direction, MetricSpec } from "../../../domain/policy/policy.ts";
import type { Margin } from "../../../domain/policy/quantity.ts";
import { DEFAULT_SPEC, sound, toleranceOf } from "../both-versions/tolerance.ts";

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
