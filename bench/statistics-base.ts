/** The canary that the attacks are made on, unless a scenario says otherwise. */
import { UNANSWERED } from "../src/domain/rollout/measurements.ts";
import type { CanaryPolicy, MetricSpec } from "../src/domain/policy/policy.ts";
import type { Margin } from "../src/domain/policy/quantity.ts";
import { rate, type World } from "./statistics-world.ts";

export const absolute = (value: number): Margin => ({ kind: "absolute", value });
export const relative = (value: number): Margin => ({ kind: "relative", value });
export const spec = (kind: MetricSpec["kind"], more: Partial<MetricSpec> = {}): MetricSpec => ({
  kind,
  window_ms: 0,
  ...more,
});

/** A goal at 80 % with a margin of 5 points, in its last stage. */
export const CANARY: CanaryPolicy = {
  stages: [
    { share: 2500, dwell_ms: 0 },
    { share: 5000, dwell_ms: 0 },
  ],
  interval_ms: 1,
  min_units: 100,
  max_units: 9000,
  max_duration_ms: 1e12,
  goal: { metric: "success", direction: "higher", claim: "non_inferior", margin: absolute(0.05) },
  guardrails: [],
  fuses: [],
  promote_by: "group_sequential",
  on_inconclusive: "rollback",
  lease_ms: 1,
};
export const METRICS = { success: spec("proportion"), [UNANSWERED]: spec("rare") };

export const world = (says: World["says"], more: Partial<World> = {}): World => ({
  canary: CANARY,
  metrics: METRICS,
  step: 100,
  says: (arm, n, draw) => ({
    [UNANSWERED]: rate(draw, n, 0),
    success: rate(draw, n, 0.8),
    ...says(arm, n, draw),
  }),
  ...more,
});
