import type { EnrolledArm } from "../../../domain/rollout/assignment.ts";
import type { MetricKind } from "../../../domain/policy/policy.ts";
import type { Cell } from "../../../domain/rollout/verdict.ts";
import { mergeMoments, NO_MOMENTS, type Moments } from "../../moments.ts";
import { addRatioSums, NO_RATIO, type RatioSums } from "../../inference/ratio-delta.ts";
import type { Stratum } from "../../inference/stratified.ts";
import { type ArmSums, type ByArm, estimate, sumsOf, varianceOfFew } from "../both-versions/arm-sums.ts";

/** What has been seen of one metric, by epoch and over all of them. */
export interface Observations {
  readonly metric: string;
  readonly kind: MetricKind;
  /** Newest epoch last. */
  readonly strata: readonly Stratum[];
  readonly epochs: readonly ByArm<{ readonly units: number; readonly n: number }>[];
  /** Closed exposed units, with or without a value. */
  readonly units: ByArm<number>;
  /** Units that carry a value. */
  readonly n: ByArm<number>;
  /** Over all epochs: for display and for the fuse, never for a test. */
  readonly mean: ByArm<number | null>;
  /** A cell holds something that cannot be (not a number, a rate above 1): nothing of this metric is used. */
  readonly broken: boolean;
}

interface Gathered {
  units: number;
  n: number;
  moments: Moments;
  ratio: RatioSums;
}

const ARMS: readonly EnrolledArm[] = ["candidate", "control"];
const NO_CELLS: readonly Cell[] = [];

export function observe(metric: string, kind: MetricKind, cells: readonly Cell[] = NO_CELLS): Observations {
  const broken = !cells.every((cell) => isSound(cell, kind));
  const byEpoch = new Map<number, Record<EnrolledArm, Gathered>>();
  for (const cell of broken ? NO_CELLS : cells) {
    let epoch = byEpoch.get(cell.epoch);
    if (!epoch) byEpoch.set(cell.epoch, (epoch = { candidate: nothing(), control: nothing() }));
    add(epoch[cell.arm], sumsOf(cell, kind));
  }
  const epochs = [...byEpoch].sort(([a], [b]) => a - b).map(([, arms]) => arms);
  const total = { candidate: nothing(), control: nothing() };
  for (const arms of epochs) for (const arm of ARMS) add(total[arm], arms[arm]);
  const smoothed = {
    candidate: smoothedVariance(kind, total.candidate),
    control: smoothedVariance(kind, total.control),
  };
  return {
    metric,
    kind,
    strata: epochs.map((arms) => ({
      candidate: estimate(kind, arms.candidate, smoothed.candidate),
      control: estimate(kind, arms.control, smoothed.control),
    })),
    epochs,
    units: { candidate: total.candidate.units, control: total.control.units },
    n: { candidate: total.candidate.n, control: total.control.n },
    mean: { candidate: meanOf(kind, total.candidate), control: meanOf(kind, total.control) },
    broken,
  };
}

function nothing(): Gathered {
  return { units: 0, n: 0, moments: NO_MOMENTS, ratio: NO_RATIO };
}

function isSound(cell: Cell, kind: MetricKind): boolean {
  const { units, n, mean, m2, ratio } = cell;
  if (!(units >= 0 && n >= 0 && m2 >= 0) || !Number.isFinite(units + n + mean + m2)) return false;
  if ((kind === "rare" || kind === "proportion") && !(mean >= -1e-9 && mean <= 1 + 1e-9)) return false;
  return !ratio || Number.isFinite(ratio.s + ratio.c + ratio.ss + ratio.cc + ratio.sc);
}

function add(into: Gathered, more: ArmSums): void {
  into.units += more.units;
  into.n += more.n;
  into.moments = mergeMoments(into.moments, more.moments);
  into.ratio = addRatioSums(into.ratio, more.ratio);
}

function smoothedVariance(kind: MetricKind, { moments }: Gathered): number | undefined {
  return kind === "rare" || kind === "proportion" ? varianceOfFew(moments) : undefined;
}

function meanOf(kind: MetricKind, arm: Gathered): number | null {
  if (arm.n === 0) return null;
  const mean = kind === "ratio" ? arm.ratio.s / arm.ratio.c : arm.moments.mean;
  return Number.isFinite(mean) ? mean : null;
}
