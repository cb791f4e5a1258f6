import type { Evidence, SegmentCell } from "../../domain/rollout/verdict.ts";
import { checkHarm, type HarmCheck, type InForce } from "./harm.ts";
import type { MonitoredMetric } from "./monitored-metric.ts";
import { cellsByMetric } from "./both-versions/arm-sums.ts";
import { observe, type Observations } from "./observations.ts";

/** Values of a segment that are counted apart, and one for all others. */
export const SEGMENT_VALUES = 21;
/** Lines in the evidence, the most harmful first: a tick's record stays small. */
const SHOWN = 5;

export interface SegmentCheck {
  readonly evidence: readonly Evidence[];
  /** Why, when users of one segment are harmed. */
  readonly harmful: string | undefined;
}

/**
 * Is the candidate harmful to a few, though not to all? Harm only, of every monitored metric in every value of
 * every segment; `alpha` is spread over as many of them as there may be, so that it does not depend on how many
 * values have been seen.
 */
export function checkSegments(
  watched: readonly MonitoredMetric[],
  segments: readonly string[],
  cells: readonly SegmentCell[],
  alpha: number,
  inForce: (metric: MonitoredMetric) => InForce,
): SegmentCheck {
  const each = segmentAlpha(alpha, segments, watched);
  const found: { readonly name: string; readonly seen: Observations; readonly harm: HarmCheck }[] = [];
  for (const { name, metric, seen } of observeSegments(watched, segments, cells))
    found.push({ name, seen, harm: checkHarm(metric, seen, each, inForce(metric)) });
  const worst = found.filter(({ harm }) => harm.p !== null).toSorted((a, b) => a.harm.p! - b.harm.p!);
  const harmed = worst.find(({ harm }) => harm.state === "harm");
  return {
    evidence: worst.slice(0, SHOWN).map(({ name, seen, harm }) => ({
      metric: seen.metric,
      role: "segment",
      segment: name,
      n: seen.n,
      mean: seen.mean,
      diff: null,
      ci: null,
      p: harm.p,
      alpha: each,
      z: null,
      boundary: null,
      verdict: harm.state === "harm" ? "harm" : "ok",
      note: `${name}: ${harm.note}`,
    })),
    harmful: harmed && `${harmed.name}: ${harmed.harm.note}`,
  };
}

/** The level of one metric in one value: of as many as there may be. */
export function segmentAlpha(
  alpha: number,
  segments: readonly string[],
  watched: readonly MonitoredMetric[],
): number {
  return alpha / Math.max(1, segments.length * SEGMENT_VALUES * watched.length);
}

/** What has been seen of each monitored metric in each value of a segment. */
export function observeSegments(
  watched: readonly MonitoredMetric[],
  segments: readonly string[],
  cells: readonly SegmentCell[],
): readonly { readonly name: string; readonly metric: MonitoredMetric; readonly seen: Observations }[] {
  // What the policy does not name has no part of the level.
  const named = cells.filter(({ segment }) => segments.includes(segment));
  return [...byValue(named)].flatMap(([name, group]) => {
    const metrics = cellsByMetric(group);
    return watched
      .map((metric) => ({
        name,
        metric,
        seen: observe(metric.metric, metric.spec, metrics.get(metric.metric)),
      }))
      .filter(({ seen }) => seen.n.candidate + seen.n.control > 0);
  });
}

/** Cells by `language=de`. */
function byValue(cells: readonly SegmentCell[]): ReadonlyMap<string, readonly SegmentCell[]> {
  return Map.groupBy(cells, ({ segment, value }) => `${segment}=${value}`);
}
