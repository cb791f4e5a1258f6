import { oneSidedMultiplier } from "../../inference/asymptotic-sequence.ts";
import { mixtureBinomial } from "../../inference/mixture-binomial.ts";
import { constantArms } from "../constant-arms.ts";
import { evidenceOf, type FuseLook } from "../fuses.ts";
import { beyond, HARM_N_STAR, harmfulRatio, inScale, MIN_VALUES, type InForce } from "../harm.ts";
import type { MonitoredMetric } from "../monitored-metric.ts";
import { events } from "../both-versions/arm-sums.ts";
import type { Observations } from "../observations.ts";
import { largest } from "./solve.ts";

/** What the evidence surely reaches, and the line that it has to pass for something to be decided. */
export interface Edge {
  /**
   * `difference`: candidate less control, in the metric's own unit. `ratio`: of the shares of units, candidate over
   * control (control over candidate where a higher share is the better one). `increase`: by how much the
   * candidate's share may be the larger one. `value`: the candidate's own. `evidence`: the natural log of an e-value.
   */
  readonly scale: "difference" | "ratio" | "increase" | "value" | "evidence";
  readonly line: number;
  /** Null where nothing bounds it yet. */
  readonly edge: number | null;
  /** The edge is past the line: so it is decided. */
  readonly beyond: boolean;
}

/** Harm: the best that the candidate can still be, against what is tolerated. */
export function harmEdge(
  metric: MonitoredMetric,
  seen: Observations,
  alpha: number,
  inForce: InForce,
): Edge | null {
  if (seen.broken) return null;
  if (metric.spec.kind === "rare") return rareEdge(metric, seen, alpha, inForce);
  if (Math.min(seen.n.candidate, seen.n.control) < MIN_VALUES) return null;
  const worse = beyond(seen, metric.direction, metric.tolerance);
  if (!worse) return constantEdge(metric, seen, alpha);
  const needed = oneSidedMultiplier(worse.nEff, HARM_N_STAR, alpha);
  const better = metric.direction === "higher" ? 1 : -1;
  return differenceEdge(
    seen,
    -better * inScale(metric.tolerance, metric, seen),
    better * (needed - worse.z) * worse.se,
    // Worse by more than is tolerated: on the bad side of the line.
    (past) => better * past < 0,
  );
}

/**
 * A line in the scale that arms are compared in, and an edge `past` it, as differences in the metric's own unit. Where
 * rounding would put the edge on the line, it stays on its side of it.
 */
export function differenceEdge(
  seen: Observations,
  line: number,
  past: number,
  decides: (past: number) => boolean,
): Edge {
  const inUnits = (value: number) => (seen.log ? (seen.mean.control ?? 0) * Math.expm1(value) : value);
  const at = inUnits(line);
  let edge = inUnits(line + past);
  if (past !== 0 && Math.sign(edge - at) !== Math.sign(past))
    edge = at + Math.sign(past) * Number.EPSILON * Math.max(Math.abs(at), Number.MIN_VALUE / Number.EPSILON);
  return { scale: "difference", line: at, edge, beyond: decides(edge - at) };
}

/** The largest risk ratio that the events are surely above: its evidence falls as the ratio rises. */
function rareEdge(metric: MonitoredMetric, seen: Observations, alpha: number, inForce: InForce): Edge | null {
  const [candidate, control] = [events(seen, "candidate"), events(seen, "control")];
  if (candidate + control === 0) return null;
  const [more, fewer] = metric.direction === "lower" ? [candidate, control] : [control, candidate];
  return ratioEdge(more, fewer, alpha, harmfulRatio(metric, inForce));
}

/** Units that differ for the worse from the control's constant, which none of the control's does. */
function constantEdge(metric: MonitoredMetric, seen: Observations, alpha: number): Edge | null {
  const constant = constantArms(seen, metric.direction, inScale(metric.tolerance, metric, seen));
  return constant ? ratioEdge(constant.worse, 0, alpha, 1) : null;
}

function ratioEdge(more: number, fewer: number, alpha: number, line: number): Edge {
  const shown = (toleratedRatio: number) => {
    const result = mixtureBinomial({
      eventsCandidate: more,
      eventsControl: fewer,
      candidateShare: 0.5,
      toleratedRatio,
    });
    return result.ok && result.p <= alpha;
  };
  const edge = largest(shown, { from: 1e-9, to: 1e9 });
  return { scale: "ratio", line, edge, beyond: edge !== null && edge >= line };
}

/** A fuse: what the candidate surely is, against the limit that the policy gives. */
export function fuseEdge({ fuse, rate, bound }: FuseLook): Edge | null {
  const line = fuse.above ?? fuse.below ?? 0;
  const above = fuse.above !== undefined;
  if (bound !== undefined)
    return { scale: "value", line, edge: bound, beyond: above ? bound > line : bound < line };
  if (!rate) return null;
  const shown = (limit: number) => evidenceOf(fuse, rate.counts, above ? limit : 1 - limit) >= rate.needed;
  const found = largest(shown, { from: 1e-12, to: 1 - 1e-12 });
  const edge = found === null ? null : above ? found : 1 - found;
  return {
    scale: "value",
    line,
    edge,
    beyond: edge !== null && (above ? edge >= line : edge <= line),
  };
}
