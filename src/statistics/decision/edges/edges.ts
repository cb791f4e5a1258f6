import type { Evidence } from "../../../domain/rollout/verdict.ts";
import type { AssessmentInput } from "../assessment-input.ts";
import { INVALID_LOG_E } from "../both-versions/quality-check.ts";
import { checkCoverage, checkSplit } from "../data-quality.ts";
import { fullArms } from "../enrolment-end.ts";
import { fuseKey, lookAtFuses } from "../fuses.ts";
import { fuseEdge, harmEdge, type Edge } from "./harm-edges.ts";
import { gather, HARM_ALPHA } from "../gather.ts";
import { releaseEdge } from "./release-edges.ts";
import { observeSegments, segmentAlpha } from "../segments.ts";

export type { Edge } from "./harm-edges.ts";

/** How near one metric is to what would be decided by it. */
export interface MetricEdges {
  readonly metric: string;
  readonly role: "goal" | "guardrail";
  /** The best that the candidate can still be, against what is harm; null while harm is not looked for. */
  readonly harm: Edge | null;
  /** The worst that it can still be, against its claim; null where no claim is tested at this look. */
  readonly release: Edge | null;
}

/** For a picture of one look: each edge is beyond its line exactly where the rules decide so. */
export interface DecisionEdges {
  readonly metrics: readonly MetricEdges[];
  /** Harm in each value of each segment. */
  readonly segments: readonly { readonly segment: string; readonly metric: string; readonly harm: Edge }[];
  /** `held`: the control is beyond the limit as well, so that nothing is rolled back. */
  readonly fuses: readonly {
    readonly fuse: string;
    readonly metric: string;
    readonly edge: Edge | null;
    readonly held: boolean;
  }[];
  /** Natural log of the e-value that the arms' units, or their values, are not as many as they have to be. */
  readonly quality: readonly {
    readonly metric: string;
    readonly role: Extract<Evidence["role"], "split" | "coverage">;
    readonly edge: Edge;
  }[];
}

/**
 * The edges of a look, from what it was decided by (its stored `inputs`), by the rules of the newest version. Nothing
 * is drawn that is not tested: below 30 values an arm a mean has no edges, and outside the last stage no claim has one.
 */
export function decisionEdges(input: AssessmentInput): DecisionEdges {
  const { canary } = input;
  const { watched, observations, lines, boundary, alpha } = gather(input);
  const inForce = (limit: (typeof lines)[number]["limit"]) => ({ limit, maxUnits: canary.max_units });
  const full = fullArms(input);
  const limits = new Map(lines.map(({ metric, limit }) => [metric, limit]));
  const each = segmentAlpha(HARM_ALPHA / 2, canary.segments ?? [], watched);
  return {
    metrics: lines.map((line) => ({
      metric: line.metric.metric,
      role: line.metric.role,
      harm: harmEdge(line.metric, line.seen, alpha, inForce(line.limit)),
      release: line.claim ? releaseEdge(line, boundary) : null,
    })),
    segments: observeSegments(watched, canary.segments ?? [], input.segments ?? []).flatMap(
      ({ name, metric, seen }) => {
        const harm = harmEdge(metric, seen, each, inForce(limits.get(metric)));
        return harm ? [{ segment: name, metric: metric.metric, harm }] : [];
      },
    ),
    fuses: lookAtFuses(canary, (metric) => observations.get(metric)!, input.fuses ?? {}).map((look) => ({
      fuse: fuseKey(look.fuse),
      metric: look.fuse.metric,
      edge: fuseEdge(look),
      held: look.control,
    })),
    quality: [
      { metric: "exposures", role: "split", edge: evidenceEdge(checkSplit(input.exposures, full).logE) },
      ...watched
        .filter(({ builtIn }) => !builtIn)
        .map(({ metric, spec }) => ({
          metric,
          role: "coverage" as const,
          edge: evidenceEdge(checkCoverage(observations.get(metric)!, spec.coverage, full).logE),
        })),
    ],
  };
}

function evidenceEdge(logE: number): Edge {
  return { scale: "evidence", line: INVALID_LOG_E, edge: logE, beyond: logE >= INVALID_LOG_E };
}
