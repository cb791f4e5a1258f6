import type { EnrolledArm } from "../../domain/rollout/assignment.ts";
import type { MetricKind, MetricSpec } from "../../domain/policy/policy.ts";
import type { Cell } from "../../domain/rollout/verdict.ts";
import { mergeMoments, NO_MOMENTS, type Moments } from "../moments.ts";
import { addRatioSums, NO_RATIO, type RatioSums } from "../inference/ratio-delta.ts";
import type { Stratum } from "../inference/stratified.ts";
import { type ByArm, estimate, sumsOf, varianceOfFew } from "./both-versions/arm-sums.ts";

/** What has been seen of one metric, by epoch and over all of them. */
export interface Observations {
  readonly metric: string;
  readonly kind: MetricKind;
  /** Its strata are of logarithms, its means geometric. */
  readonly log: boolean;
  /** Every value is 0 or 1. */
  readonly binary: boolean;
  /** Newest epoch last. */
  readonly strata: readonly Stratum[];
  readonly epochs: readonly ByArm<{ readonly units: number; readonly n: number }>[];
  /** The epochs' numbers, as strata and epochs are ordered. */
  readonly numbers: readonly number[];
  /** Closed exposed units, with or without a value. */
  readonly units: ByArm<number>;
  /** Units that carry a value. */
  readonly n: ByArm<number>;
  /** Over all epochs: for display and for the fuse, never for a test. */
  readonly mean: ByArm<number | null>;
  /** Of all epochs, in the metric's own scale: of logarithms where it is `log`. */
  readonly moments: ByArm<Moments>;
  /** Plain means of the uncapped values; undefined where they are the means themselves. */
  readonly uncapped: ByArm<number | null> | undefined;
  /** A cell holds something that cannot be (not a number, a rate above 1): nothing of this metric is used. */
  readonly broken: boolean;
}

interface Gathered {
  units: number;
  n: number;
  moments: Moments;
  ratio: RatioSums;
  uncapped: number;
}

const ARMS: readonly EnrolledArm[] = ["candidate", "control"];
const NO_CELLS: readonly Cell[] = [];

export function observe(
  metric: string,
  spec: Pick<MetricSpec, "kind" | "scale" | "cap">,
  cells: readonly Cell[] = NO_CELLS,
): Observations {
  const log = spec.scale === "log" && spec.kind === "mean";
  const broken = !cells.every((cell) => isSound(cell, spec.kind));
  const byEpoch = new Map<number, Record<EnrolledArm, Gathered>>();
  for (const cell of broken ? NO_CELLS : cells) {
    let epoch = byEpoch.get(cell.epoch);
    if (!epoch) byEpoch.set(cell.epoch, (epoch = { candidate: nothing(), control: nothing() }));
    add(epoch[cell.arm], { ...sumsOf(cell, spec.kind), uncapped: cell.n * (cell.uncapped ?? cell.mean) });
  }
  const sorted = [...byEpoch].sort(([a], [b]) => a - b);
  const epochs = sorted.map(([, arms]) => arms);
  const total = { candidate: nothing(), control: nothing() };
  for (const arms of epochs) for (const arm of ARMS) add(total[arm], arms[arm]);
  const binary =
    spec.kind === "rare" ||
    spec.kind === "proportion" ||
    (spec.kind === "mean" && !log && ARMS.every((arm) => isBinary(total[arm].moments)));
  const kind = binary && spec.kind === "mean" ? "proportion" : spec.kind;
  const smoothed = {
    candidate: binary ? varianceOfFew(total.candidate.moments) : undefined,
    control: binary ? varianceOfFew(total.control.moments) : undefined,
  };
  return {
    metric,
    kind,
    log,
    binary,
    strata: epochs.map((arms) => ({
      candidate: estimate(kind, arms.candidate, smoothed.candidate),
      control: estimate(kind, arms.control, smoothed.control),
    })),
    epochs,
    numbers: sorted.map(([number]) => number),
    units: { candidate: total.candidate.units, control: total.control.units },
    n: { candidate: total.candidate.n, control: total.control.n },
    mean: { candidate: meanOf(kind, log, total.candidate), control: meanOf(kind, log, total.control) },
    moments: { candidate: total.candidate.moments, control: total.control.moments },
    uncapped:
      log || spec.cap !== undefined
        ? { candidate: uncappedOf(total.candidate), control: uncappedOf(total.control) }
        : undefined,
    broken,
  };
}

/** Values of which `x² = x` holds for all together: of real numbers, only those that are 0 or 1 do that by more than accident. */
function isBinary({ n, mean, m2 }: Moments): boolean {
  return mean >= 0 && mean <= 1 && Math.abs(m2 - n * mean * (1 - mean)) <= 1e-9 * Math.max(1, n);
}

function uncappedOf({ n, uncapped }: Gathered): number | null {
  return n === 0 ? null : uncapped / n;
}

function nothing(): Gathered {
  return { units: 0, n: 0, moments: NO_MOMENTS, ratio: NO_RATIO, uncapped: 0 };
}

function isSound(cell: Cell, kind: MetricKind): boolean {
  const { units, n, mean, m2, ratio } = cell;
  if (!isCount(units) || !isCount(n) || !(m2 >= 0) || !Number.isFinite(mean + m2)) return false;
  if ((kind === "rare" || kind === "proportion") && !(mean >= -1e-9 && mean <= 1 + 1e-9)) return false;
  return !ratio || Number.isFinite(ratio.s + ratio.c + ratio.ss + ratio.cc + ratio.sc);
}

function add(into: Gathered, more: Gathered): void {
  into.units += more.units;
  into.n += more.n;
  into.uncapped += more.uncapped;
  into.moments = mergeMoments(into.moments, more.moments);
  into.ratio = addRatioSums(into.ratio, more.ratio);
}

function meanOf(kind: MetricKind, log: boolean, arm: Gathered): number | null {
  if (arm.n === 0) return null;
  const plain = kind === "ratio" ? arm.ratio.s / arm.ratio.c : arm.moments.mean;
  const mean = log ? Math.exp(plain) : plain;
  return Number.isFinite(mean) ? mean : null;
}

/** What can be added up over any number of epochs without leaving the numbers. */
function isCount(value: number): boolean {
  return value >= 0 && value <= Number.MAX_SAFE_INTEGER;
}
