import type { CanaryPolicy, Direction, Goal, Guardrail, MetricSpec } from "../../domain/policy/policy.ts";
import { cappedMetrics, overCap, UNANSWERED } from "../../domain/rollout/measurements.ts";
import type { Margin } from "../../domain/policy/quantity.ts";
import { DEFAULT_SPEC, NO_TOLERANCE, sound, toleranceOf } from "./both-versions/tolerance.ts";

/** A goal or guardrail as the tests need it. */
export interface MonitoredMetric {
  readonly metric: string;
  readonly role: "goal" | "guardrail";
  readonly spec: MetricSpec;
  readonly direction: Direction;
  /**
   * What promotion asks for: `limit`, that a rare event stays under a limit fixed from what it was before; `harmless`
   * is what blocks by proven harm alone.
   */
  readonly claim: "superior" | "non_inferior" | "limit" | "harmless";
  readonly margin: Margin | undefined;
  /** Harm up to this much is not acted on. */
  readonly tolerance: Margin;
  readonly toleratedRatio: number;
  /** Rare metrics: as a share of the units; what can be shown by default. */
  readonly toleratedIncrease: number | undefined;
  /** Watched without being asked for: `silence`, closed units without any outcome; `cap`, units over a cap. */
  readonly builtIn: "silence" | "cap" | undefined;
}

/**
 * The goal first, then the guardrails, then what is watched without being asked for. A metric named twice counts
 * once, as the goal.
 */
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
    const ratio = "tolerated_ratio" in rail ? rail.tolerated_ratio : undefined;
    found.set(metric, {
      metric,
      role: rail === canary.goal ? "goal" : "guardrail",
      spec,
      direction,
      claim: claimOf(rail, spec),
      margin,
      tolerance: toleranceOf(rail, spec, margin),
      toleratedRatio: ratio ?? 1,
      toleratedIncrease:
        ("tolerated_increase" in rail ? rail.tolerated_increase : undefined) ?? margin?.value,
      builtIn: undefined,
    });
  }
  const silence = metrics[UNANSWERED];
  if (silence && !found.has(UNANSWERED)) found.set(UNANSWERED, watched(UNANSWERED, silence, "silence"));
  for (const name of cappedMetrics(canary, metrics)) {
    const companion: MetricSpec = { kind: "rare", window_ms: metrics[name]!.window_ms };
    found.set(overCap(name), watched(overCap(name), companion, "cap"));
  }
  return [...found.values()];
}

function claimOf(rail: Goal | Guardrail, spec: MetricSpec): MonitoredMetric["claim"] {
  if ("claim" in rail) return rail.claim;
  if (rail.proof === "harm_only") return "harmless";
  if (spec.kind === "rare") return rail.direction === "lower" ? "limit" : "harmless";
  return sound(rail.margin) ? "non_inferior" : "harmless";
}

/** The share of units over a cap has to be shown kept, as a cap must not hide the bill; silence stops where it harms. */
const CAP_RATIO = 1.5;

function watched(metric: string, spec: MetricSpec, builtIn: "silence" | "cap"): MonitoredMetric {
  return {
    metric,
    role: "guardrail",
    spec,
    direction: "lower",
    claim: builtIn === "cap" ? "limit" : "harmless",
    margin: undefined,
    tolerance: NO_TOLERANCE,
    toleratedRatio: builtIn === "cap" ? CAP_RATIO : 1,
    toleratedIncrease: undefined,
    builtIn,
  };
}
