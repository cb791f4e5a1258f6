import type { EnrolledArm } from "../../domain/rollout/assignment.ts";
import { BUCKETS } from "../../domain/rollout/assignment.ts";
import { overCap, UNANSWERED } from "../../domain/rollout/measurements.ts";
import { recordedMetrics, type CanaryPolicy, type MetricSpec } from "../../domain/policy/policy.ts";
import type { Ledger, LedgerStep } from "../../domain/rollout/ledger.ts";
import type { Margin } from "../../domain/policy/quantity.ts";
import type { BaseRate, Cell, Evidence, FuseState, Verdict } from "../../domain/rollout/verdict.ts";
import { assess, type AssessmentInput } from "../decision/assessment.ts";
import { roomLeft } from "../decision/enrolment-end.ts";
import { sampler, type Random, type Sampler } from "./seeded-random.ts";

/** What is imagined of one metric. */
export interface MetricTruth {
  /** The baseline version: a rate for 0/1 metrics, else a mean and the standard deviation between units. */
  readonly baseline: { readonly rate: number } | { readonly mean: number; readonly sd: number };
  /** What the candidate changes: absolute, or relative to the baseline. */
  readonly change?: Margin;
  /** Log-normal values, as of latency and cost, instead of normal ones. */
  readonly skewed?: boolean;
  /** Added to both arms in each stage: a baseline that drifts. */
  readonly drift?: readonly number[];
  /** Part of the units that carry a value; 1 unless told. */
  readonly coverage?: number;
  /** Rates only: requests of one unit (on average) and how alike they are; one request unless told. */
  readonly requests?: { readonly perUnit: number; readonly icc: number };
}

export interface Simulation {
  readonly canary: CanaryPolicy;
  readonly metrics: Readonly<Record<string, MetricSpec>>;
  /** A metric without a truth never arrives; without one of `unanswered`, every unit has an outcome. */
  readonly truth: Readonly<Record<string, MetricTruth>>;
  /** Units, of all users, that show up in each look's time. */
  readonly unitsPerLook: number;
  /** As of a rollout that began so; the first attempt with nothing spent unless told. */
  readonly attempt?: number;
  readonly ledger?: Ledger;
  /** Time between looks, in ms; the policy's interval unless told. */
  readonly lookEveryMs?: number;
}

export interface SimulatedRun {
  readonly verdict: Verdict;
  /** Exposed candidate units when it ended. */
  readonly units: number;
  readonly elapsedMs: number;
  readonly reason: string;
  /** Of the look that promoted: what it costs each metric. */
  readonly steps: Readonly<Record<string, LedgerStep>>;
}

/** Anything that decides a tick: the real assessment, or a rule to compare it with. */
export type Decide = (input: AssessmentInput) => {
  readonly verdict: Verdict;
  readonly reason?: string;
  readonly evidence?: readonly Evidence[];
  readonly fuseStreaks?: Readonly<Record<string, number>>;
  readonly fuses?: Readonly<Record<string, FuseState>>;
  readonly baseRates?: Readonly<Record<string, BaseRate>>;
};

interface Open extends Cell {
  units: number;
  n: number;
  mean: number;
  m2: number;
  ratio?: { s: number; c: number; ss: number; cc: number; sc: number };
  uncapped?: number;
}

const ARMS: readonly EnrolledArm[] = ["candidate", "control"];

/** One rollout in an imagined world, decided tick by tick by the very code that decides real ones. */
export function simulateRun(simulation: Simulation, random: Random, decide: Decide = assess): SimulatedRun {
  const { canary, metrics, truth, unitsPerLook } = simulation;
  const lookEveryMs = simulation.lookEveryMs ?? canary.interval_ms;
  const draw = sampler(random);
  const recorded = [...new Set([...recordedMetrics(canary), ...(metrics[UNANSWERED] ? [UNANSWERED] : [])])];
  const lag = recorded.map((name) => Math.ceil((metrics[name]?.window_ms ?? 0) / lookEveryMs));
  /** Per look: units an arm, and the stage (which is the epoch) they were exposed in. */
  const history: { readonly n: number; readonly stage: number }[] = [];
  const cells: Open[][][] = [];
  const exposures: { epoch: number; candidate: number; control: number; stage: number }[] = [];
  let [stage, dwellMs, elapsedMs, carried] = [0, 0, 0, 0];
  let kept: Pick<AssessmentInput, "fuseStreaks" | "fuses" | "baseRates"> = { fuseStreaks: {} };
  for (;;) {
    const wanted = (unitsPerLook * canary.stages[stage]!.share) / BUCKETS + carried;
    const inAll = exposures.reduce((sum, epoch) => sum + epoch.candidate, 0);
    const lastStage = stage === canary.stages.length - 1;
    const inLastStage = lastStage ? (exposures[stage]?.candidate ?? 0) : 0;
    const n = Math.min(Math.floor(wanted + 1e-9), roomLeft(canary, { inAll, inLastStage }, lastStage));
    carried = wanted - Math.floor(wanted + 1e-9);
    history.push({ n, stage });
    const exposed = (exposures[stage] ??= { epoch: stage, candidate: 0, control: 0, stage });
    exposed.candidate += n;
    exposed.control += n;
    recorded.forEach((name, m) => {
      const closing = history[history.length - 1 - lag[m]!];
      const known = truth[name] ?? (name === UNANSWERED ? NEVER : undefined);
      if (!closing || !known) return;
      const spec = metrics[name] ?? { kind: "mean", window_ms: 0 };
      const pair = ((cells[closing.stage] ??= [])[m] ??= ARMS.map((arm) =>
        emptyCell(closing.stage, arm, name),
      ));
      const over =
        spec.cap === undefined
          ? undefined
          : (cells[closing.stage]![recorded.length + m] ??= ARMS.map((arm) =>
              emptyCell(closing.stage, arm, overCap(name)),
            ));
      pair.forEach((cell, arm) => {
        fold({ cell, over: over?.[arm], spec }, closing.n, known, closing.stage, draw);
      });
    });
    dwellMs += lookEveryMs;
    elapsedMs += lookEveryMs;
    const decision = decide({
      canary,
      metrics,
      cells: cells.flat(2).filter(Boolean),
      exposures: exposures.filter(Boolean),
      stage,
      dwellMs,
      elapsedMs,
      frozen: false,
      mode: "canary",
      attempt: simulation.attempt,
      ledger: simulation.ledger,
      silenceMs: {},
      ...kept,
    });
    const { fuseStreaks = {}, fuses = {}, baseRates = {} } = decision;
    kept = { fuseStreaks, fuses, baseRates };
    if (decision.verdict === "advance" && stage < canary.stages.length - 1) [stage, dwellMs] = [stage + 1, 0];
    else if (decision.verdict !== "continue" && decision.verdict !== "advance") {
      const units = exposures.reduce((sum, epoch) => sum + epoch.candidate, 0);
      const steps = Object.fromEntries(
        (decision.evidence ?? []).flatMap(({ metric, step }) => (step ? [[metric, step]] : [])),
      );
      return { verdict: decision.verdict, units, elapsedMs, reason: decision.reason ?? "", steps };
    }
  }
}

function emptyCell(epoch: number, arm: EnrolledArm, metric: string): Open {
  return { epoch, arm, metric, units: 0, n: 0, mean: 0, m2: 0 };
}

const NEVER: MetricTruth = { baseline: { rate: 0 } };

/** A cell, how its metric is measured, and the companion that counts what its cap cuts. */
interface Folded {
  readonly cell: Open;
  readonly over: Open | undefined;
  readonly spec: MetricSpec;
}

/** Draws the values of n units and folds them, as the database does when their window closes. */
function fold(into: Folded, n: number, truth: MetricTruth, stage: number, draw: Sampler) {
  const { cell, over, spec } = into;
  const { baseline, change, coverage = 1 } = truth;
  const shift = truth.drift?.[stage] ?? 0;
  const level = ("rate" in baseline ? baseline.rate : baseline.mean) + shift;
  const mean = cell.arm === "candidate" ? changed(level, change) : level;
  cell.units += n;
  if (over) over.units += n;
  const values = coverage >= 1 ? n : draw.binomial(n, coverage);
  if ("rate" in baseline) {
    const rate = Math.min(1, Math.max(0, mean));
    if (!truth.requests) return foldCount(cell, values, draw.binomial(values, rate));
    for (let i = 0; i < values; i++) {
      const { successes, count } = requestsOf(truth.requests, rate, draw);
      foldValue(into, successes, count);
    }
    return;
  }
  if (truth.skewed && mean > 0 && level > 0) {
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

export interface SimulationResult {
  readonly runs: number;
  /** Parts of the runs, 0 to 1. */
  readonly promoted: number;
  readonly rolledBack: number;
  readonly inconclusive: number;
  /** Candidate units when a run ended: median over all runs, and over each ending (null when it never came). */
  readonly medianUnits: number;
  readonly medianUnitsPromoted: number | null;
  readonly medianUnitsRolledBack: number | null;
  readonly meanUnits: number;
  readonly medianElapsedMs: number;
}

/** Runs a policy many times against an imagined truth. The same stream of chance gives the same result. */
export function simulate(
  simulation: Simulation,
  options: { readonly runs: number; readonly random: Random; readonly decide?: Decide },
): SimulationResult {
  const runs: SimulatedRun[] = [];
  for (let i = 0; i < options.runs; i++)
    runs.push(simulateRun(simulation, options.random, options.decide ?? assess));
  return summarise(runs);
}

export function summarise(runs: readonly SimulatedRun[]): SimulationResult {
  const promoted = runs.filter(({ verdict }) => verdict === "promote");
  const rolledBack = runs.filter(
    ({ verdict }) => verdict === "harm" || verdict === "fuse" || verdict === "invalid",
  );
  const part = (some: readonly SimulatedRun[]) => (runs.length === 0 ? 0 : some.length / runs.length);
  const units = (some: readonly SimulatedRun[]) => median(some.map((run) => run.units));
  return {
    runs: runs.length,
    promoted: part(promoted),
    rolledBack: part(rolledBack),
    inconclusive: runs.length === 0 ? 0 : (runs.length - promoted.length - rolledBack.length) / runs.length,
    medianUnits: units(runs) ?? 0,
    medianUnitsPromoted: units(promoted),
    medianUnitsRolledBack: units(rolledBack),
    meanUnits: runs.reduce((sum, run) => sum + run.units, 0) / Math.max(1, runs.length),
    medianElapsedMs: median(runs.map((run) => run.elapsedMs)) ?? 0,
  };
}

function median(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
