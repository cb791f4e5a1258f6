import type { Margin } from "../../../domain/policy/quantity.ts";
import { overCap } from "../../../domain/rollout/measurements.ts";
import type { FuseReading, MetricReading } from "../../../domain/rollout/reading.ts";
import type { AssessmentInput } from "../assessment-input.ts";
import { type DecisionEdges, decisionEdges } from "./edges.ts";
import { lookAtFuses } from "../fuses.ts";
import { gather } from "../gather.ts";
import { inScale } from "../harm.ts";
import type { Line } from "../line.ts";
import type { MonitoredMetric } from "../monitored-metric.ts";
import { events } from "../both-versions/arm-sums.ts";
import type { Observations } from "../observations.ts";
import { epochsOf, fewestUnits } from "../stage-gates.ts";
import { observeSegments } from "../segments.ts";

/** What is to be said of each metric of a look, and of each segment's, from what it was decided by (its stored `inputs`). */
export function readingsOf(input: AssessmentInput): {
  readonly readings: readonly MetricReading[];
  readonly fuses: readonly FuseReading[];
  readonly lastStage: boolean;
  /** Units in the smaller group that count for the stage: those seen to their end. */
  readonly closed: number;
} {
  const { canary, metrics } = input;
  const { lines, watched, lastStage, observations } = gather(input);
  // The last stage counts on its own.
  const closed = fewestUnits(observations.values(), lastStage ? epochsOf(input) : undefined).units;
  const edges = decisionEdges(input);
  const caps = new Map(
    Object.entries(metrics).flatMap(([of, { cap }]) =>
      cap === undefined ? [] : [[overCap(of), { of, above: cap }] as const],
    ),
  );
  const segments = observeSegments(watched, canary.segments ?? [], input.segments ?? []);
  return {
    lastStage,
    closed,
    fuses: lookAtFuses(canary, (metric) => observations.get(metric)!, input.fuses ?? {}).map(
      ({ fuse, seen, n, mean, candidate, control }) => ({
        metric: fuse.metric,
        ...(fuse.above !== undefined && { above: fuse.above }),
        ...(fuse.below !== undefined && { below: fuse.below }),
        isShare: seen.binary,
        now: n === 0 ? null : mean,
        beyond: candidate,
        both: candidate && control,
      }),
    ),
    readings: [
      ...lines.map((line, at) => lineReading(line, edges.metrics[at]!, caps.get(line.metric.metric))),
      ...[...segments].map(({ name, metric, seen }) => ({
        ...common(metric, seen),
        role: "segment" as const,
        segment: name,
        harm:
          edges.segments.find((one) => one.segment === name && one.metric === metric.metric)?.harm ?? null,
        release: null,
        allowed: null,
      })),
    ],
  };
}

function lineReading(
  { metric, seen, harm, left, limit }: Line,
  edges: DecisionEdges["metrics"][number],
  cap: MetricReading["cap"],
): MetricReading {
  const margin = metric.claim === "superior" ? undefined : (left?.margin ?? metric.margin);
  const trouble = seen.broken ? "unusable" : harm.unvarying ? "constant" : undefined;
  return {
    ...common(metric, seen),
    role: metric.role,
    harm: edges.harm,
    release: edges.release,
    allowed: margin ? inUnits(margin, metric, seen) : null,
    ...(cap && { cap }),
    ...(limit && { limit: limit.limit }),
    ...(trouble && { trouble }),
  };
}

function common(metric: MonitoredMetric, seen: Observations) {
  const { kind } = metric.spec;
  const { tolerance, direction, claim, builtIn } = metric;
  const arm = (of: "candidate" | "control") => ({ events: events(seen, of), units: seen.units[of] });
  return {
    metric: metric.metric,
    kind,
    direction,
    claim,
    tolerated: kind === "rare" ? null : inUnits(tolerance, metric, seen),
    ...(builtIn && { watches: builtIn }),
    ...(tolerance.kind === "relative" && tolerance.value > 0 && { toleratedPart: tolerance.value }),
    ...(kind === "rare" &&
      !seen.broken && { counts: { candidate: arm("candidate"), control: arm("control") } }),
  };
}

/** How much worse a margin lets the metric be, in its own unit; above 0. */
function inUnits(margin: Margin, metric: MonitoredMetric, seen: Observations): number {
  const size = inScale(margin, metric, seen);
  if (!seen.log) return size;
  const control = seen.mean.control ?? 0;
  return Math.abs(control * Math.expm1(metric.direction === "lower" ? size : -size));
}
