import type { EnrolledArm } from "../../domain/rollout/assignment.ts";
import type { MetricKind, MetricSpec } from "../../domain/policy/policy.ts";
import type { Cell } from "../../domain/rollout/verdict.ts";
import { mergeMoments, NO_MOMENTS, variance, type Moments } from "../moments.ts";
import { addRatioSums, NO_RATIO, ratioEstimate, type RatioSums } from "../inference/ratio-delta.ts";
import type { ArmEstimate, Stratum } from "../inference/stratified.ts";

export type ByArm<T> = Readonly<Record<EnrolledArm, T>>;

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

/** The cells of each metric; a metric without any has no entry. */
export function cellsByMetric(cells: readonly Cell[]): ReadonlyMap<string, readonly Cell[]> {
  const found = new Map<string, Cell[]>();
  for (const cell of cells) {
    const list = found.get(cell.metric);
    if (list) list.push(cell);
    else found.set(cell.metric, [cell]);
  }
  return found;
}

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
    gather(epoch[cell.arm], cell, spec.kind);
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
    candidate: smoothedVariance(binary, total.candidate),
    control: smoothedVariance(binary, total.control),
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

function gather(into: Gathered, cell: Cell, kind: MetricKind): void {
  const { n, mean, m2 } = cell;
  // A rare event is counted against every closed unit: one without a record had none.
  const units = Math.max(cell.units, n);
  const moments =
    kind === "rare" ? { n: units, mean: units > 0 ? (n * mean) / units : 0, m2: 0 } : { n, mean, m2 };
  const ratio = cell.ratio ? { n, ...cell.ratio } : NO_RATIO;
  add(into, { units, n, moments, ratio, uncapped: n * (cell.uncapped ?? mean) });
}

function add(into: Gathered, more: Gathered): void {
  into.units += more.units;
  into.n += more.n;
  into.uncapped += more.uncapped;
  into.moments = mergeMoments(into.moments, more.moments);
  into.ratio = addRatioSums(into.ratio, more.ratio);
}

/** Events under which a sample variance of 0/1 values is not to be trusted. */
const FEW = 5;

/**
 * An arm of 0/1 values with fewer than five successes or failures has a sample variance near 0, which
 * would make any difference look certain. Its variance is then that of (x + 1)/(n + 2), which errs on the
 * large side.
 */
function smoothedVariance(binary: boolean, { moments }: Gathered): number | undefined {
  if (!binary) return undefined;
  const x = moments.mean * moments.n;
  if (x >= FEW && moments.n - x >= FEW) return undefined;
  const p = Math.min(1, Math.max(0, (x + 1) / (moments.n + 2)));
  return p * (1 - p);
}

function estimate(kind: MetricKind, arm: Gathered, smoothed: number | undefined): ArmEstimate {
  if (kind === "ratio") return ratioEstimate(arm.ratio);
  const { n, mean } = arm.moments;
  if (smoothed !== undefined) return { n, mean, variance: smoothed };
  if (kind === "rare") return { n, mean, variance: n > 1 ? (n * mean * (1 - mean)) / (n - 1) : 0 };
  return { n, mean, variance: variance(arm.moments) };
}

function meanOf(kind: MetricKind, log: boolean, arm: Gathered): number | null {
  if (arm.n === 0) return null;
  const plain = kind === "ratio" ? arm.ratio.s / arm.ratio.c : arm.moments.mean;
  const mean = log ? Math.exp(plain) : plain;
  return Number.isFinite(mean) ? mean : null;
}

/** Units with at least one event, over all epochs: for rare metrics. */
export function events(seen: Observations, arm: EnrolledArm): number {
  return Math.round((seen.mean[arm] ?? 0) * seen.units[arm]);
}

/** What can be added up over any number of epochs without leaving the numbers. */
function isCount(value: number): boolean {
  return value >= 0 && value <= Number.MAX_SAFE_INTEGER;
}
