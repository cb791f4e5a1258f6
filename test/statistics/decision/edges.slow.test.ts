import { describe, expect, it } from "vitest";
import { overCap, UNANSWERED } from "../../../src/domain/rollout/measurements.ts";
import type { CanaryPolicy, MetricSpec } from "../../../src/domain/policy/policy.ts";
import type { Cell } from "../../../src/domain/rollout/verdict.ts";
import { assess, type AssessmentInput } from "../../../src/statistics/decision/assessment.ts";
import { decisionEdges, type Edge } from "../../../src/statistics/decision/edges/edges.ts";
import { lookAtFuses } from "../../../src/statistics/decision/fuses.ts";
import { gather, HARM_ALPHA } from "../../../src/statistics/decision/gather.ts";
import { checkHarm } from "../../../src/statistics/decision/harm.ts";
import { observeSegments, segmentAlpha } from "../../../src/statistics/decision/segments.ts";
import { drawnEdge, pastSide } from "../../../src/statistics/decision/edges/wire-bound.ts";
import { sampler, seededRandom, type Random } from "../../../src/statistics/planning/seeded-random.ts";
import { tick } from "../canary-evidence.ts";

const SCENES = 1_000;

type Names = "goal" | "speed" | "spread" | "share" | "bill" | "fault" | "praise" | "flat";

/** How a metric's values come about: a rate, or a mean with a spread; its candidate better or worse by some noise. */
interface Kind {
  readonly spec: MetricSpec;
  readonly direction: "higher" | "lower";
  readonly draw: "rate" | "rare" | "normal" | "log" | "ratio" | "constant";
}

const spec = (kind: MetricSpec["kind"], more: Partial<MetricSpec> = {}): MetricSpec => ({
  kind,
  window_ms: 0,
  ...more,
});
const KINDS: Readonly<Record<Names, Kind>> = {
  goal: { spec: spec("mean"), direction: "higher", draw: "normal" },
  speed: { spec: spec("mean", { scale: "log" }), direction: "lower", draw: "log" },
  spread: { spec: spec("ratio"), direction: "lower", draw: "ratio" },
  share: { spec: spec("proportion"), direction: "higher", draw: "rate" },
  bill: { spec: spec("mean", { cap: 90 }), direction: "lower", draw: "normal" },
  fault: { spec: spec("rare"), direction: "lower", draw: "rare" },
  praise: { spec: spec("rare"), direction: "higher", draw: "rare" },
  flat: { spec: spec("mean"), direction: "higher", draw: "constant" },
};

/** A random policy over every kind of metric, with random cells of one to three epochs. */
function scene(random: Random): AssessmentInput {
  const draw = sampler(random);
  const pick = <T>(...of: readonly T[]): T => of[Math.floor(random() * of.length)]!;
  const margin = () =>
    pick<{ kind: "absolute" | "relative"; value: number }>(
      { kind: "absolute", value: 0.02 + random() },
      { kind: "relative", value: 0.01 + 0.3 * random() },
    );
  const relative = { kind: "relative", value: 0.1 } as const;
  const canary: CanaryPolicy = {
    stages: [
      { share: 500, dwell_ms: 0 },
      { share: 5000, dwell_ms: 0 },
    ],
    interval_ms: 1,
    min_units: 10,
    max_units: pick(200, 2000, 20_000),
    max_duration_ms: 1e9,
    goal: {
      metric: "goal",
      direction: pick("higher", "lower"),
      claim: pick("superior", "non_inferior"),
      margin: margin(),
    },
    guardrails: [
      { metric: "speed", direction: "lower", margin: relative },
      { metric: "spread", direction: "lower", margin: margin() },
      { metric: "share", direction: "higher", margin: { kind: "absolute", value: 0.05 } },
      { metric: "bill", direction: "lower", margin: margin() },
      {
        metric: "fault",
        direction: "lower",
        tolerated_ratio: pick(1.5, 3),
        ...(random() < 0.5 && { tolerated_increase: 0.01 }),
      },
      { metric: "praise", direction: "higher" },
      { metric: "flat", direction: "higher", margin: margin() },
    ],
    fuses: [
      { metric: "fault", above: 0.2 },
      { metric: "goal", below: 49 },
      { metric: "speed", above: 55 },
    ],
    segments: ["language"],
    promote_by: pick("group_sequential", "group_sequential", "fixed_horizon"),
    on_inconclusive: "rollback",
    lease_ms: 1,
  };
  const metrics: Record<string, MetricSpec> = {
    ...Object.fromEntries(Object.entries(KINDS).map(([name, kind]) => [name, kind.spec])),
    [UNANSWERED]: spec("rare"),
  };
  const trouble = pick(0, 0, 0.5, 3);
  const rates = {
    [UNANSWERED]: 0.02,
    fault: pick(0.002, 0.05, 0.3),
    praise: 0.1,
    share: 0.8,
    [overCap("bill")]: 0.01,
  };
  const cells: Cell[] = [];
  const segments: (Cell & { segment: string; value: string })[] = [];
  const epochs = 1 + Math.floor(random() * 3);
  for (let epoch = 0; epoch < epochs; epoch++) {
    const units = Math.round(10 ** (1 + 3 * random()));
    for (const arm of ["candidate", "control"] as const) {
      const worse = arm === "candidate" ? trouble * random() : 0;
      const one = (metric: string, n: number): Cell => cellOf({ metric, n, epoch, arm, worse });
      for (const metric of [...Object.keys(KINDS), UNANSWERED, overCap("bill")]) {
        cells.push(one(metric, units));
        segments.push({
          ...one(metric, 1 + Math.round(units / 3)),
          segment: "language",
          value: pick("de", "other"),
        });
      }
    }
  }
  return tick({
    canary,
    metrics,
    cells,
    segments: merged(segments),
    stage: pick(0, 1, 1, 1),
    attempt: pick(1, 1, 2),
    ledger: pick(undefined, {
      anchor: "x",
      anchorName: "p@1",
      metrics: { goal: { spent: 0.3, steps: 2 }, share: { spent: 0.06, steps: 1 } },
    }),
  });

  function cellOf(of: { metric: string; n: number; epoch: number; arm: Cell["arm"]; worse: number }): Cell {
    const { metric, n, epoch, arm, worse } = of;
    const base = { epoch, arm, metric, units: n };
    const rate = rates[metric as keyof typeof rates];
    if (rate !== undefined) {
      const p =
        metric === "share" || metric === "praise" ? rate / (1 + worse) : Math.min(1, rate * (1 + worse));
      const x = draw.binomial(n, p);
      return { ...base, n, mean: x / n, m2: (x * (n - x)) / n };
    }
    const kind = KINDS[metric as Names];
    if (kind.draw === "constant") {
      const mean = worse > 0.3 ? 3 : 4;
      return { ...base, n, mean, m2: 0 };
    }
    const sign = kind.direction === "lower" ? 1 : -1;
    const [mean, sd] =
      kind.draw === "log" ? [Math.log(50) + 0.1 * worse * sign, 0.8] : [50 + 5 * worse * sign, 20];
    const seen = mean + (sd * draw.normal()) / Math.sqrt(n);
    const m2 = sd * sd * Math.max(0, n - 1);
    if (kind.draw !== "ratio") return { ...base, n, mean: seen, m2 };
    const s = seen * n;
    return { ...base, n, mean: seen, m2, ratio: { s, c: n, ss: (s * s) / n + m2, cc: n, sc: s } };
  }
}

/** As a store keeps them: one cell an epoch, arm, metric and value. */
function merged<T extends Cell & { value: string }>(cells: readonly T[]): T[] {
  return [
    ...new Map(
      cells.map((cell) => [`${cell.epoch} ${cell.arm} ${cell.metric} ${cell.value}`, cell]),
    ).values(),
  ];
}

describe("An edge in few digits", () => {
  it.each([
    [{ line: -0.1, edge: -0.0999999, beyond: false }, -1],
    [{ line: -0.1, edge: -0.1000001, beyond: true }, -1],
    [{ line: 0, edge: 1e-12, beyond: true }, 1],
    [{ line: 0, edge: -1e-12, beyond: false }, 1],
    // On the line itself, where that decides.
    [{ line: 83_000, edge: 83_000, beyond: true }, 1],
    [{ line: 1.5, edge: 1.4999999, beyond: false }, 1],
  ] as const)("stays on its side of the line: %j", (edge, past) => {
    const shown = drawnEdge(edge, past);
    expect(past * (shown.edge! - shown.line) > 0).toBe(edge.beyond);
    expect(Math.abs(shown.edge! - edge.edge)).toBeLessThanOrEqual(Math.max(1e-9, 2e-4 * Math.abs(edge.line)));
  });
});

describe("A picture of a look crosses a line exactly where the look decides", () => {
  it("for harm, claims, segments and fuses of every kind of metric", () => {
    const random = seededRandom(11);
    const counts: Record<string, number> = {};
    const agrees = (what: string, edge: Edge | null, decided: boolean, past?: 1 | -1) => {
      expect({ what, beyond: edge?.beyond ?? false }, JSON.stringify(edge)).toEqual({
        what,
        beyond: decided,
      });
      if (edge) {
        counts[`${what} ${decided}`] = (counts[`${what} ${decided}`] ?? 0) + 1;
        expect(edge.edge === null || Number.isFinite(edge.edge)).toBe(true);
        // In few digits it is on the same side: what is drawn crosses where it is decided.
        if (past === undefined || edge.edge === null) return;
        const shown = drawnEdge(edge, past);
        expect(
          { what, past: past * (shown.edge! - shown.line) > 0 },
          JSON.stringify({ edge, shown }),
        ).toEqual({
          what,
          past: decided,
        });
      }
    };
    for (let i = 0; i < SCENES; i++) {
      const input = scene(random);
      const edges = decisionEdges(input);
      const { lines, watched, observations } = gather(input);
      const limits = new Map(lines.map(({ metric, limit }) => [metric, limit]));
      lines.forEach(({ metric, harm, claim }, index) => {
        const of = edges.metrics[index]!;
        expect(of.metric).toBe(metric.metric);
        const side = (edge: Edge | null, which: "harm" | "release") =>
          edge ? pastSide(edge, metric.direction, which) : undefined;
        agrees(`harm ${metric.metric}`, of.harm, harm.state === "harm", side(of.harm, "harm"));
        if (metric.claim !== "harmless")
          agrees(`claim ${metric.metric}`, of.release, claim?.state === "met", side(of.release, "release"));
      });
      const each = segmentAlpha(HARM_ALPHA / 2, ["language"], watched);
      for (const { name, metric, seen } of observeSegments(watched, ["language"], input.segments!)) {
        const limit = limits.get(metric);
        const { state } = checkHarm(metric, seen, each, { limit, maxUnits: input.canary.max_units });
        const edge = edges.segments.find((one) => one.segment === name && one.metric === metric.metric);
        agrees("segment", edge?.harm ?? null, state === "harm");
      }
      for (const [index, look] of lookAtFuses(input.canary, (name) => observations.get(name)!, {}).entries())
        agrees(
          `fuse ${look.fuse.metric}`,
          edges.fuses[index]!.edge,
          look.candidate,
          look.fuse.above === undefined ? -1 : 1,
        );
      const { verdict } = assess(input);
      const blown = edges.fuses.some(({ edge, held }) => edge?.beyond && !held);
      expect(verdict === "fuse").toBe(blown);
      const harmful = [...edges.metrics.map(({ harm }) => harm), ...edges.segments.map(({ harm }) => harm)];
      if (!blown && harmful.some((edge) => edge?.beyond)) expect(verdict).toBe("harm");
    }
    // Both ways of every kind have been there.
    const kinds = [...Object.keys(KINDS), UNANSWERED, overCap("bill")];
    for (const kind of kinds) expect(counts[`harm ${kind} true`], `harm ${kind}`).toBeGreaterThan(20);
    for (const kind of ["goal", "speed", "spread", "share", "bill", "fault", overCap("bill")])
      for (const met of [true, false])
        expect(counts[`claim ${kind} ${met}`], `claim ${kind} ${met}`).toBeGreaterThan(20);
    for (const what of ["segment", "fuse fault", "fuse goal", "fuse speed"])
      expect(counts[`${what} true`], what).toBeGreaterThan(20);
    expect(Object.values(counts).reduce((a, b) => a + b)).toBeGreaterThan(10_000);
  });
});
