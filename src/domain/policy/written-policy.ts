import { BUILT_IN } from "../rollout/measurements.ts";
import type {
  ApprovalPolicy,
  CanaryPolicy,
  GatePolicy,
  Goal,
  Guardrail,
  MetricSpec,
  RolloutPolicy,
} from "./policy.ts";
import { usualCoverage, usualScale } from "./policy-metrics.ts";
import { formatDuration, formatMargin, formatShare, type Margin } from "./quantity.ts";

/**
 * A policy as people write it: what `readPolicy` makes the same policy of. What a rollout adds when it starts (the
 * digest of the dataset, base rates, an approval that a server asks for) is left out, as no file says it.
 */
export function writtenPolicy({ gate, metrics, canary, approval, watch, notify }: RolloutPolicy) {
  const rails = canary ? [canary.goal, ...canary.guardrails] : [];
  const own = Object.entries(metrics).filter(([name]) => !BUILT_IN.includes(name));
  return {
    ...(gate && { gate: gateText(gate) }),
    ...(own.length > 0 && {
      metrics: Object.fromEntries(
        own.map(([name, spec]) => [
          name,
          metricText(name, spec, rails.find(({ metric }) => metric === name)?.margin),
        ]),
      ),
    }),
    ...(canary && { canary: canaryText(canary) }),
    ...(approval && { approval: approvalText(approval) }),
    ...(watch && { watch: { for: duration(watch.for_ms), holdback: formatShare(watch.holdback) } }),
    ...(notify.length > 0 && { notify }),
  };
}

/** What is written of a policy. */
export type WrittenPolicy = ReturnType<typeof writtenPolicy>;

function gateText({ dataset_sha256: _, ...gate }: GatePolicy) {
  return gate;
}

function metricText(name: string, spec: MetricSpec, margin: Margin | undefined) {
  const { kind, window_ms, cap, freshness_ms, scale, coverage = "must_match", title, unit } = spec;
  return {
    ...(title !== undefined && { title }),
    ...(unit !== undefined && { unit }),
    kind,
    window: duration(window_ms),
    ...(cap !== undefined && { cap }),
    ...(freshness_ms !== undefined && { freshness: duration(freshness_ms) }),
    ...(scale !== usualScale(name, kind, margin) && { scale: scale ?? "plain" }),
    ...(coverage !== usualCoverage(name) && { coverage }),
  };
}

function canaryText(canary: CanaryPolicy) {
  const { users, stages, goal, guardrails, segments, total_margin, fuses, hold_timeout_ms } = canary;
  const last = stages.length - 1;
  return {
    ...(users !== undefined && { users }),
    stages: stages.map(({ share, dwell_ms }, at) => ({
      share: formatShare(share),
      ...((dwell_ms > 0 || at < last) && { for: duration(dwell_ms) }),
    })),
    interval: duration(canary.interval_ms),
    min_units: canary.min_units,
    max_units: canary.max_units,
    max_duration: duration(canary.max_duration_ms),
    goal: railText(goal),
    ...(total_margin && { total_margin: margin(total_margin) }),
    ...(segments && { segments }),
    ...(guardrails.length > 0 && { guardrails: guardrails.map(railText) }),
    ...(fuses.length > 0 && { fuses }),
    promote_by: canary.promote_by,
    on_inconclusive: canary.on_inconclusive,
    ...(hold_timeout_ms !== undefined && { hold_timeout: duration(hold_timeout_ms) }),
    lease: duration(canary.lease_ms),
  };
}

function railText<Rail extends Goal | Guardrail>({ margin: allowed, rollback_tolerance, ...rail }: Rail) {
  return {
    ...rail,
    ...(allowed && { margin: margin(allowed) }),
    ...(rollback_tolerance && { rollback_tolerance: margin(rollback_tolerance) }),
  };
}

function approvalText({ timeout_ms, asserted, proven, ...approval }: ApprovalPolicy) {
  const { before, approvers, distinct_author } = approval;
  return {
    before,
    approvers,
    timeout: duration(timeout_ms),
    distinct_author,
    ...(asserted && { asserted }),
    ...(proven && { proven }),
  };
}

/** A number is absolute, and says so best by itself. */
function margin(of: Margin): string | number {
  return of.kind === "absolute" ? of.value : formatMargin(of);
}

/** Exact, also where that is not short. */
function duration(ms: number): string {
  return ms % 1_000 === 0 ? formatDuration(ms) : `${ms}ms`;
}
