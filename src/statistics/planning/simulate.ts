import { mean, median } from "simple-statistics";
import { BUCKETS } from "../../domain/rollout/assignment.ts";
import type { LedgerStep } from "../../domain/rollout/ledger.ts";
import type { BaseRate, Evidence, FuseState, Verdict } from "../../domain/rollout/verdict.ts";
import { assess, type AssessmentInput } from "../decision/assessment.ts";
import { ImaginedWorld } from "./imagined-world.ts";
import { sampler, type Random } from "./seeded-random.ts";
import type { Simulation } from "./simulation.ts";

export type { Simulation } from "./simulation.ts";

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

/** One rollout in an imagined world, decided tick by tick by the very code that decides real ones. */
export function simulateRun(simulation: Simulation, random: Random, decide: Decide = assess): SimulatedRun {
  const { canary, metrics, unitsPerLook } = simulation;
  const lookEveryMs = simulation.lookEveryMs ?? canary.interval_ms;
  const draw = sampler(random);
  const world = new ImaginedWorld(simulation, lookEveryMs, draw);
  let [stage, dwellMs, elapsedMs, carried] = [0, 0, 0, 0];
  let kept: Pick<AssessmentInput, "fuseStreaks" | "fuses" | "baseRates"> = { fuseStreaks: {} };
  for (;;) {
    const wanted = (unitsPerLook * canary.stages[stage]!.share) / BUCKETS + carried;
    const coming = Math.floor(wanted + 1e-9);
    carried = wanted - coming;
    world.enrol(stage, coming);
    world.closeWindows();
    dwellMs += lookEveryMs;
    elapsedMs += lookEveryMs;
    const decision = decide({
      canary,
      metrics,
      ...world.evidence(),
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
      const units = world.evidence().exposures.reduce((sum, epoch) => sum + epoch.candidate, 0);
      const steps = Object.fromEntries(
        (decision.evidence ?? []).flatMap(({ metric, step }) => (step ? [[metric, step]] : [])),
      );
      return { verdict: decision.verdict, units, elapsedMs, reason: decision.reason ?? "", steps };
    }
  }
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

/** Runs a policy many times against an imagined scenario. The same stream of chance gives the same result. */
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
  const units = (some: readonly SimulatedRun[]) =>
    some.length === 0 ? null : median(some.map((run) => run.units));
  return {
    runs: runs.length,
    promoted: part(promoted),
    rolledBack: part(rolledBack),
    inconclusive: runs.length === 0 ? 0 : (runs.length - promoted.length - rolledBack.length) / runs.length,
    medianUnits: units(runs) ?? 0,
    medianUnitsPromoted: units(promoted),
    medianUnitsRolledBack: units(rolledBack),
    meanUnits: runs.length === 0 ? 0 : mean(runs.map((run) => run.units)),
    medianElapsedMs: runs.length === 0 ? 0 : median(runs.map((run) => run.elapsedMs)),
  };
}
