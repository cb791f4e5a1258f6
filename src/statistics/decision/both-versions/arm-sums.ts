import type { MetricKind } from "../../../domain/policy/policy.ts";
import type { EnrolledArm } from "../../../domain/rollout/assignment.ts";
import type { Cell } from "../../../domain/rollout/verdict.ts";
import { NO_RATIO, ratioEstimate, type RatioSums } from "../../inference/ratio-delta.ts";
import type { ArmEstimate } from "../../inference/stratified.ts";
import { type Moments, variance } from "../../moments.ts";

export type ByArm<T> = Readonly<Record<EnrolledArm, T>>;

/** What an arm has gathered of one metric. */
export interface ArmSums {
  readonly units: number;
  readonly n: number;
  readonly moments: Moments;
  readonly ratio: RatioSums;
}

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

/** A cell's sums. A rare event is counted against every closed unit: one without a record had none. */
export function sumsOf(cell: Cell, kind: MetricKind): ArmSums {
  const { n, mean, m2 } = cell;
  const units = Math.max(cell.units, n);
  const moments =
    kind === "rare" ? { n: units, mean: units > 0 ? (n * mean) / units : 0, m2: 0 } : { n, mean, m2 };
  return { units, n, moments, ratio: cell.ratio ? { n, ...cell.ratio } : NO_RATIO };
}

/** Events under which a sample variance of 0/1 values is not to be trusted. */
const FEW = 5;

/**
 * An arm of 0/1 values with fewer than five successes or failures has a sample variance near 0, which
 * would make any difference look certain. Its variance is then that of (x + 1)/(n + 2), which errs on the
 * large side; undefined where there are enough.
 */
export function varianceOfFew({ mean, n }: Moments): number | undefined {
  const x = mean * n;
  if (x >= FEW && n - x >= FEW) return undefined;
  const p = Math.min(1, Math.max(0, (x + 1) / (n + 2)));
  return p * (1 - p);
}

/** An arm's estimate, with a variance that is `smoothed` where few events have been seen. */
export function estimate(
  kind: MetricKind,
  arm: Pick<ArmSums, "moments" | "ratio">,
  smoothed: number | undefined,
): ArmEstimate {
  if (kind === "ratio") return ratioEstimate(arm.ratio);
  const { n, mean } = arm.moments;
  if (smoothed !== undefined) return { n, mean, variance: smoothed };
  if (kind === "rare") return { n, mean, variance: n > 1 ? (n * mean * (1 - mean)) / (n - 1) : 0 };
  return { n, mean, variance: variance(arm.moments) };
}

/** Units with at least one event, over all epochs: for rare metrics. */
export function events(
  seen: { readonly mean: ByArm<number | null>; readonly units: ByArm<number> },
  arm: EnrolledArm,
): number {
  return Math.round((seen.mean[arm] ?? 0) * seen.units[arm]);
}
