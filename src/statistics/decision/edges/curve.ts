import type { FuseCurve, MetricCurve, RolloutCurve } from "../../../domain/shapes/curve.ts";
import type { Evidence } from "../../../domain/rollout/verdict.ts";
import type { AssessmentInput } from "../assessment-input.ts";
import { type DecisionEdges, decisionEdges } from "./edges.ts";
import { monitored } from "../monitored-metric.ts";
import { drawn, drawnEdge, pastSide } from "./wire-bound.ts";

/** A look as it was stored, as far as it is drawn. */
export interface DrawnLook {
  readonly tick: number;
  readonly at: { toISOString(): string };
  /** 0-based. */
  readonly stage: number;
  readonly verdict: string;
  readonly evidence: readonly Evidence[];
  readonly inputs: unknown;
  readonly codeVersion: string;
}

/** The rules whose looks have edges. */
const READABLE = "3";

/** Column by column; a metric that a look has nothing of has null there. */
export function curveOf(looks: readonly DrawnLook[]): Omit<RolloutCurve, "marks"> {
  const metrics: Record<string, Mutable<MetricCurve>> = {};
  const fuses: Record<string, Mutable<FuseCurve>> = {};
  const units = { new: [] as number[], current: [] as number[] };
  for (const [at, look] of looks.entries()) {
    const input = look.inputs as AssessmentInput;
    const sum = (arm: "candidate" | "control") => input.exposures.reduce((all, epoch) => all + epoch[arm], 0);
    units.new.push(sum("candidate"));
    units.current.push(sum("control"));
    const edges = look.codeVersion === READABLE ? decisionEdges(input) : undefined;
    for (const metric of monitored(input.canary, input.metrics)) {
      const column = (metrics[metric.metric] ??= emptyMetric(metric, looks.length));
      const line = look.evidence.find(
        ({ metric: name, role }) => name === metric.metric && (role === "goal" || role === "guardrail"),
      );
      const of = edges?.metrics.find((one) => one.metric === metric.metric);
      put(column.new, at, line?.mean.candidate);
      put(column.current, at, line?.mean.control);
      put(column.diff, at, line?.diff);
      if (of?.harm) {
        column.harmScale = scaleOf(column.harmScale, of.harm.scale, [column.bestCase, column.harmLine]);
        const { line: limit, edge } = drawnEdge(of.harm, pastSide(of.harm, metric.direction, "harm"));
        put(column.harmLine, at, limit);
        put(column.bestCase, at, edge);
      }
      if (of?.release) {
        const scale = of.release.scale;
        column.claimScale = scaleOf(column.claimScale, scale, [column.worstCase, column.claimLine]);
        const { line: limit, edge } = drawnEdge(
          of.release,
          pastSide(of.release, metric.direction, "release"),
        );
        put(column.claimLine, at, limit);
        put(column.worstCase, at, edge);
      }
    }
    for (const fuse of edges?.fuses ?? []) putFuse(fuses, fuse, { at, of: looks.length, input });
  }
  return {
    tick: looks.map(({ tick }) => tick),
    at: looks.map(({ at }) => at.toISOString()),
    stage: looks.map(({ stage }) => stage + 1),
    verdict: looks.map(({ verdict }) => verdict),
    units,
    metrics,
    fuses,
    decidedBy: looks.at(-1)?.codeVersion ?? null,
  };
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] extends readonly (infer Item)[] ? Item[] : T[Key] };

/** A metric's edges are told in one scale, that of the newest look: what was in another one is no part of the line. */
function scaleOf(
  before: MetricCurve["harmScale"],
  now: NonNullable<MetricCurve["harmScale"]>,
  columns: readonly (number | null)[][],
): NonNullable<MetricCurve["harmScale"]> {
  if (before !== null && before !== now) for (const column of columns) column.fill(null);
  return now;
}

function emptyMetric(
  { role, spec, direction, claim }: ReturnType<typeof monitored>[number],
  length: number,
): Mutable<MetricCurve> {
  const column = () => Array.from({ length }, (): number | null => null);
  return {
    role,
    kind: spec.kind,
    direction,
    claim,
    new: column(),
    current: column(),
    diff: column(),
    harmScale: null,
    claimScale: null,
    bestCase: column(),
    harmLine: column(),
    worstCase: column(),
    claimLine: column(),
    since: { met: null, harm: null },
  };
}

function putFuse(
  fuses: Record<string, Mutable<FuseCurve>>,
  { fuse, metric, edge }: DecisionEdges["fuses"][number],
  { at, of, input }: { readonly at: number; readonly of: number; readonly input: AssessmentInput },
): void {
  const above = input.canary.fuses.find((one) => one.metric === metric)?.above !== undefined;
  const column = () => Array.from({ length: of }, (): number | null => null);
  const found = (fuses[fuse] ??= { metric, above, edge: column(), line: column() });
  if (!edge) return;
  const shown = drawnEdge(edge, above ? 1 : -1);
  put(found.line, at, shown.line);
  put(found.edge, at, shown.edge);
}

function put(column: (number | null)[], at: number, value: number | null | undefined): void {
  column[at] = value === null || value === undefined || !Number.isFinite(value) ? null : drawn(value);
}
