import type { CallTarget } from "../../providers/completion.ts";
import { gateHasFailed } from "../../statistics/gate.ts";
import { type CaseResult, type EvaluationArm, resultKey } from "../grading/case-result.ts";
import type { VersionCheck } from "../checks/check-version.ts";
import { CaseMemory } from "./case-memory.ts";
import { isComparative } from "../dataset/comparative-case.ts";
import type { TestCase } from "../dataset/dataset.ts";
import type { EvaluationOptions } from "./evaluation-options.ts";
import type { EvaluationPolicy } from "./evaluation-policy.ts";
import { checkPrices, gateBudget } from "./gate-budget.ts";
import { planEvaluation } from "./plan-evaluation.ts";
import { prepareEvaluation } from "./prepare-evaluation.ts";
import type { AskedFallback } from "./case-runs.ts";
import type { CaseContext, CaseRun } from "./run-case.ts";
import { runCases } from "./run-cases.ts";
import { Tally } from "./tally.ts";

/** Runs that must be left for stopping early: for fewer, seeing every failure is worth more than the calls. */
const WORTH_STOPPING = 20;

/** What a run of all cases gave, before it is judged as a whole. */
export interface EvaluationRun {
  /** As they were asked: lists expanded. */
  readonly cases: readonly TestCase[];
  readonly runs: readonly CaseRun[];
  /** Of the candidate, as they were asked. */
  readonly fallbacks: readonly AskedFallback[];
  /** Case runs there are, of both versions and of fallbacks. */
  readonly total: number;
  /** Results that were recorded before. */
  readonly reused: number;
  readonly judge: CallTarget;
  /** What the built-in checks found; with an error among it no model was asked. */
  readonly checked: VersionCheck;
  /** Cases that stand among the candidate's own examples. */
  readonly leaks: readonly string[];
  readonly context: CaseContext;
  resultsOf(arm: EvaluationArm): CaseResult[];
}

/** Asks every case of every version as often as the gate says, and keeps each result as it comes. */
export async function runEvaluation(options: EvaluationOptions): Promise<EvaluationRun> {
  const { gate, providers, signal } = options;
  const prepared = options.prepared ?? (await prepareEvaluation(options));
  const { cases, runs, fallbacks, judge, checked, isSound, leaks } = prepared;
  const total = runs.length;

  const results = new Map<string, CaseResult>();
  const tally = new Tally(cases.length, gate.repeats);
  const keep = (result: CaseResult) => {
    results.set(resultKey(result), result);
    tally.add(result);
  };
  for (const result of (await options.recorded?.load()) ?? [])
    if (result.error === null && result.caseIndex < cases.length && result.repeat < gate.repeats)
      keep(result);
  const reused = results.size;
  const todo = runs.filter(
    ({ arm, caseIndex, repeat }) => isSound && !results.has(resultKey({ arm: arm.name, caseIndex, repeat })),
  );
  const budget = options.budget ?? gateBudget(gate, [...results.values()]);
  if (budget) checkPrices(prepared, providers);
  const { isSequence = false } = options.dataset;
  const memory = isSequence ? new CaseMemory({ cases }) : undefined;
  const context = { providers, judge, budget, signal, memory };
  // A comparison that comes afterwards may still turn a fail.
  const canStop = !cases.some(isComparative);
  let errors = 0;
  let costUsd: number | null = 0;

  if (options.onPlan && isSound) options.onPlan(await planEvaluation(prepared, todo, gate, providers));
  await runCases({
    todo,
    context,
    concurrency: isSequence ? 1 : (options.concurrency ?? providers.concurrency),
    isDecided: (underWay) =>
      canStop && total - results.size - underWay >= WORTH_STOPPING && isDecided(tally, gate),
    async keep(result) {
      keep(result);
      if (result.error === null) await options.recorded?.save(result);
      else errors += 1;
      costUsd = costUsd === null || result.costUsd === null ? null : costUsd + result.costUsd;
      options.onProgress?.({ done: results.size, total, errors, costUsd, result });
    },
    // What another evaluation was answered says nothing of whether the endpoint is there now.
    hadSuccess: [...results.values()].some((result) => !result.reused),
    onOutage: options.onOutage ?? "report",
  });

  return {
    cases,
    runs,
    fallbacks,
    total,
    reused,
    judge,
    checked,
    leaks,
    context,
    resultsOf: (arm) => [...results.values()].filter((result) => result.arm === arm),
  };
}

/**
 * Whether the candidate has failed whatever is still to come. A pass is never certain before the end: what
 * remains may end in errors, which leave the verdict open. Where every case has to pass, one failure decides,
 * but whoever asks for that wants to see every failure.
 */
export function isDecided(tally: Pick<Tally, "cases" | "bestSum">, gate: EvaluationPolicy): boolean {
  const { cases } = tally;
  if (gate.min_pass_rate === 1) return false;
  return gateHasFailed({ passed: tally.bestSum(), done: cases, cases, minPassRate: gate.min_pass_rate });
}
