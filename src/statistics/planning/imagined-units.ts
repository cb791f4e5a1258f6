import type { EnrolledArm } from "../../domain/rollout/assignment.ts";
import type { MetricSpec } from "../../domain/policy/policy.ts";
import type { Margin } from "../../domain/policy/quantity.ts";
import type { Cell } from "../../domain/rollout/verdict.ts";
import { mergeMoments } from "../moments.ts";
import { addRatioSums, NO_RATIO } from "../inference/ratio-delta.ts";
import type { Sampler } from "./seeded-random.ts";

/** What is imagined of one metric. */
export interface MetricScenario {
  /** The baseline version: a rate for 0/1 metrics, else a mean and the standard deviation between units. */
  readonly baseline: { readonly rate: number } | { readonly mean: number; readonly sd: number };
  /** What the candidate changes: absolute, or relative to the baseline. */
  readonly change?: Margin;
  /** Log-normal values, as of latency and cost, instead of normal ones. */
  readonly skewed?: boolean;
  /** Added to both arms in each stage: a baseline that drifts. */
  readonly drift?: readonly number[];
  /** Part of the units that carry a value; 1 by default. */
  readonly coverage?: number;
  /** Rates only: requests of one unit (on average) and how alike they are; one request by default. */
  readonly requests?: { readonly perUnit: number; readonly icc: number };
}

/** A cell that is being filled. */
export interface Open extends Cell {
  units: number;
  n: number;
  mean: number;
  m2: number;
  ratio?: { s: number; c: number; ss: number; cc: number; sc: number };
  uncapped?: number;
}

export function emptyCell(epoch: number, arm: EnrolledArm, metric: string): Open {
  return { epoch, arm, metric, units: 0, n: 0, mean: 0, m2: 0 };
}

export const NEVER: MetricScenario = { baseline: { rate: 0 } };

/** A cell, how its metric is measured, and the companion that counts what its cap cuts. */
export interface Folded {
  readonly cell: Open;
  readonly over: Open | undefined;
  readonly spec: MetricSpec;
}

/** Draws the values of n units and folds them, as the database does when their window closes. */
export function fold(into: Folded, n: number, scenario: MetricScenario, stage: number, draw: Sampler) {
  const { cell, over, spec } = into;
  const { baseline, change, coverage = 1 } = scenario;
  const shift = scenario.drift?.[stage] ?? 0;
  const level = ("rate" in baseline ? baseline.rate : baseline.mean) + shift;
  const mean = cell.arm === "candidate" ? changed(level, change) : level;
  cell.units += n;
  if (over) over.units += n;
  const values = coverage >= 1 ? n : draw.binomial(n, coverage);
  if ("rate" in baseline) {
    const rate = Math.min(1, Math.max(0, mean));
    if (!scenario.requests) return foldCount(cell, values, draw.binomial(values, rate));
    for (let i = 0; i < values; i++) {
      const { successes, count } = requestsOf(scenario.requests, rate, draw);
      foldValue(into, successes, count);
    }
    return;
  }
  if (scenario.skewed && mean > 0 && level > 0) {
    // What takes longer does so in proportion: a change moves every value, and the tail with it.
    const logSd = Math.sqrt(Math.log1p((baseline.sd / level) ** 2));
    const logMean = Math.log(mean) - (logSd * logSd) / 2;
    for (let i = 0; i < values; i++) foldValue(into, Math.exp(logMean + logSd * draw.normal()));
  } else if (spec.kind === "ratio" || spec.scale === "log" || over || values < FEW_DRAWS)
    for (let i = 0; i < values; i++) foldValue(into, mean + baseline.sd * draw.normal());
  else foldNormal(cell, values, mean, baseline.sd, draw);
}

/** From so many values on, their mean and spread are drawn at once instead of each value. */
const FEW_DRAWS = 20;

/**
 * n normal values merged at once: their mean, and their sum of squares as sd² times a chi-square of n - 1
 * (Wilson and Hilferty 1931, a cubed normal).
 */
function foldNormal(cell: Open, n: number, mean: number, sd: number, draw: Sampler): void {
  const k = n - 1;
  const sample = mean + (sd * draw.normal()) / Math.sqrt(n);
  const chiSquare = k * Math.max(0, 1 - 2 / (9 * k) + draw.normal() * Math.sqrt(2 / (9 * k))) ** 3;
  const total = cell.n + n;
  const delta = sample - cell.mean;
  cell.m2 += sd * sd * chiSquare + (delta * delta * cell.n * n) / total;
  cell.mean += (delta * n) / total;
  cell.n = total;
}

/** A level after a change: `-0.2` adds, `10%` multiplies. */
export function changed(level: number, change: Margin | undefined): number {
  if (!change) return level;
  return change.kind === "relative" ? level * (1 + change.value) : level + change.value;
}

/** n units of 0/1 values, x of them 1, merged at once. */
function foldCount(cell: Open, n: number, x: number): void {
  if (n === 0) return;
  const total = cell.n + n;
  const delta = x / n - cell.mean;
  cell.m2 += (x * (n - x)) / n + (delta * delta * cell.n * n) / total;
  cell.mean += (delta * n) / total;
  cell.n = total;
}

/** A unit's requests: each repeats the unit's own answer with probability sqrt(icc), else it is fresh. */
function requestsOf({ perUnit, icc }: { perUnit: number; icc: number }, rate: number, draw: Sampler) {
  const count = 1 + draw.binomial(2 * (perUnit - 1), 0.5);
  const repeats = draw.binomial(count, Math.sqrt(icc));
  return { count, successes: repeats * draw.binomial(1, rate) + draw.binomial(count - repeats, rate) };
}

/** One unit: its sum over `count` requests. A mean is of the unit's own mean, a ratio of the sums. */
function foldValue({ cell, over, spec }: Folded, whole: number, count = 1): void {
  const sum = Math.min(whole, (spec.cap ?? Infinity) * count);
  if (over) foldCount(over, 1, whole > sum ? 1 : 0);
  const plain = sum / count;
  if (spec.scale === "log" && !(plain > 0)) return;
  const value = spec.scale === "log" ? Math.log(plain) : plain;
  cell.n += 1;
  const delta = value - cell.mean;
  cell.mean += delta / cell.n;
  cell.m2 += delta * (value - cell.mean);
  cell.uncapped = (cell.uncapped ?? 0) + (whole / count - (cell.uncapped ?? 0)) / cell.n;
  if (spec.kind !== "ratio") return;
  const sums = (cell.ratio ??= { s: 0, c: 0, ss: 0, cc: 0, sc: 0 });
  sums.s += sum;
  sums.c += count;
  sums.ss += sum * sum;
  sums.cc += count * count;
  sums.sc += sum * count;
}

/** Adds what was folded into one cell to another: of some units to that of all. */
export function addCell(into: Open, more: Open): void {
  into.units += more.units;
  if (more.n === 0) return;
  const { n, mean, m2 } = mergeMoments(into, more);
  if (more.uncapped !== undefined)
    into.uncapped = ((into.uncapped ?? 0) * into.n + more.uncapped * more.n) / n;
  if (more.ratio) {
    const { s, c, ss, cc, sc } = addRatioSums({ ...NO_RATIO, ...into.ratio }, { ...NO_RATIO, ...more.ratio });
    into.ratio = { s, c, ss, cc, sc };
  }
  Object.assign(into, { n, mean, m2 });
}
