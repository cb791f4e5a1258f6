/** An imagined last stage, unit by unit, decided by any version of the rules: for what a simulation's truth cannot say. */
import type { EnrolledArm } from "../src/domain/rollout/assignment.ts";
import type { Ledger, LedgerStep } from "../src/domain/rollout/ledger.ts";
import type { CanaryPolicy, MetricSpec } from "../src/domain/policy/policy.ts";
import type { Cell, EpochExposures, SegmentCell, Verdict } from "../src/domain/rollout/verdict.ts";
import type { AssessmentInput } from "../src/statistics/decision/assessment.ts";
import { decide } from "../src/statistics/decision/decide.ts";
import { mergeMoments, NO_MOMENTS, type Moments } from "../src/statistics/moments.ts";
import type { Random, Sampler } from "../src/statistics/planning/seeded-random.ts";
import { sampler } from "../src/statistics/planning/seeded-random.ts";

/** What n new units of an arm say of a metric. */
export interface Said {
  /** Units with a value; all n by default. */
  readonly n?: number;
  readonly mean: number;
  readonly m2: number;
}

export interface World {
  readonly canary: CanaryPolicy;
  readonly metrics: Readonly<Record<string, MetricSpec>>;
  /** By metric, what so many new units of an arm say. Drawn once a look and arm. */
  readonly says: (arm: EnrolledArm, n: number, draw: Sampler) => Readonly<Record<string, Said>>;
  /** The same of one segment's units, with how many of the n they are. */
  readonly segment?: (
    arm: EnrolledArm,
    n: number,
    draw: Sampler,
  ) => { readonly units: number; readonly says: Readonly<Record<string, Said>> };
  /** Units an arm between two looks. */
  readonly step: number;
  /** Seen already, an arm, in an earlier stage, with the same values. */
  readonly before?: number;
  readonly attempt?: number;
  readonly ledger?: Ledger;
}

export interface Ended {
  readonly verdict: Verdict;
  /** Units an arm of the last stage. */
  readonly units: number;
  readonly steps: Readonly<Record<string, LedgerStep>>;
}

const ARMS: readonly EnrolledArm[] = ["candidate", "control"];
const LONG_MS = 86_400_000;

/** From the last stage's first unit to a verdict, by version 2 or 3 of the rules. */
export function runWorld(world: World, version: string, random: Random): Ended {
  const { canary, metrics, step, before = 0 } = world;
  const draw = sampler(random);
  const cells = new Map<string, Cell>();
  const segments = new Map<string, SegmentCell>();
  const add = (epoch: number, arm: EnrolledArm, n: number) => {
    for (const [metric, said] of Object.entries(world.says(arm, n, draw)))
      merge(cells, `${epoch} ${arm} ${metric}`, { epoch, arm, metric, ...NOTHING }, n, said);
    const some = world.segment?.(arm, n, draw);
    for (const [metric, said] of Object.entries(some?.says ?? {}))
      merge(
        segments,
        `${epoch} ${arm} ${metric}`,
        { epoch, arm, metric, segment: "language", value: "de", ...NOTHING },
        some!.units,
        said,
      );
  };
  if (before > 0) for (const arm of ARMS) add(0, arm, before);
  const stage = canary.stages.length - 1;
  let kept: Pick<AssessmentInput, "fuseStreaks" | "fuses" | "baseRates"> = { fuseStreaks: {} };
  for (let units = step; ; units += step) {
    for (const arm of ARMS) add(1, arm, step);
    const exposures: EpochExposures[] = [
      ...(before > 0 ? [{ epoch: 0, candidate: before, control: before, stage: stage - 1 }] : []),
      { epoch: 1, candidate: units, control: units, stage },
    ];
    const assessment = decide(
      {
        canary,
        metrics,
        cells: [...cells.values()],
        segments: [...segments.values()],
        exposures,
        stage,
        dwellMs: LONG_MS,
        elapsedMs: LONG_MS,
        frozen: false,
        mode: "canary",
        attempt: world.attempt,
        ledger: world.ledger,
        silenceMs: {},
        ...kept,
      },
      version,
    );
    const { verdict, evidence, fuseStreaks, fuses, baseRates } = assessment;
    kept = { fuseStreaks, ...(fuses && { fuses }), ...(baseRates && { baseRates }) };
    if (verdict !== "continue" && verdict !== "advance") {
      const steps = Object.fromEntries(
        evidence.flatMap(({ metric, step: cost }) => (cost ? [[metric, cost]] : [])),
      );
      return { verdict, units, steps };
    }
  }
}

const NOTHING = { units: 0, n: 0, mean: 0, m2: 0 };

function merge<T extends Cell>(into: Map<string, T>, key: string, empty: T, units: number, said: Said): void {
  const cell = into.get(key) ?? empty;
  const more: Moments = { n: said.n ?? units, mean: said.mean, m2: said.m2 };
  const moments = more.n === 0 ? cell : mergeMoments(cell.n === 0 ? NO_MOMENTS : cell, more);
  into.set(key, { ...cell, units: cell.units + units, n: moments.n, mean: moments.mean, m2: moments.m2 });
}

/** n units of 0/1 values, some of which may be missing. */
export function rate(draw: Sampler, n: number, share: number, coverage = 1): Said {
  const values = coverage >= 1 ? n : draw.binomial(n, coverage);
  const x = draw.binomial(values, share);
  const mean = values === 0 ? 0 : x / values;
  return { n: values, mean, m2: values * mean * (1 - mean) };
}

/** Values drawn one by one. */
export function each(n: number, value: (i: number) => number): Said {
  let [mean, m2] = [0, 0];
  for (let i = 0; i < n; i++) {
    const x = value(i);
    const delta = x - mean;
    mean += delta / (i + 1);
    m2 += delta * (x - mean);
  }
  return { n, mean, m2 };
}
