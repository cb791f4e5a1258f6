import { type ModelTarget, parseModelTarget } from "../domain/artifact.ts";
import { invalidInput } from "../domain/errors.ts";
import { gateHasFailed } from "../statistics/gate.ts";
import { type Arm, createArm } from "./arm.ts";
import { bindCases } from "./bind-cases.ts";
import { type CaseResult, type EvaluationArm, resultKey } from "./case-result.ts";
import { checkVersion, type VersionCheck } from "./checks/check-version.ts";
import { findLeaks } from "./checks/leaks.ts";
import { isComparative } from "./compare-best.ts";
import type { TestCase } from "./dataset.ts";
import type { EvaluationOptions, EvaluationPolicy } from "./evaluation-options.ts";
import { checkPrices, gateBudget } from "./gate-budget.ts";
import { notRun } from "./not-run.ts";
import { OutageWatch } from "./outage-watch.ts";
import { planEvaluation } from "./plan-evaluation.ts";
import { type CaseMeans, type CaseRun, runCase } from "./run-case.ts";
import { runPool } from "./run-pool.ts";
import { Tally } from "./tally.ts";

/** Runs that must be left for stopping early: for fewer, seeing every failure is worth more than the calls. */
const WORTH_STOPPING = 50;

/** What a run of all cases gave, before it is judged as a whole. */
export interface EvaluationRun {
  /** As they were asked: lists expanded. */
  readonly cases: readonly TestCase[];
  /** Case runs there are, of both versions. */
  readonly total: number;
  /** Results that were recorded before. */
  readonly reused: number;
  readonly judge: ModelTarget;
  /** What the built-in checks found; with an error among it no model was asked. */
  readonly checked: VersionCheck;
  /** Cases that stand among the candidate's own examples. */
  readonly leaks: readonly string[];
  readonly means: CaseMeans;
  resultsOf(arm: EvaluationArm): CaseResult[];
}

/** Asks every case of every version as often as the gate says, and keeps each result as it comes. */
export async function runEvaluation(options: EvaluationOptions): Promise<EvaluationRun> {
  const { gate, providers, dataset, signal } = options;
  const arms = [createArm("candidate", options.candidate)];
  if (options.baseline) arms.push(createArm("baseline", options.baseline));
  const judge = judgeTarget(options.judge ?? gate.judge ?? options.candidate.model);
  const cases = bindCases(dataset, arms);
  const repeats = gate.repeats;

  const results = new Map<string, CaseResult>();
  const tally = new Tally(cases.length, repeats);
  const keep = (result: CaseResult) => {
    results.set(resultKey(result), result);
    tally.add(result);
  };
  for (const result of (await options.recorded?.load()) ?? [])
    if (result.error === null && result.caseIndex < cases.length && result.repeat < repeats) keep(result);
  const reused = results.size;

  const checked = await checkVersion({
    candidate: options.candidate,
    live: options.baseline,
    vars: cases[0]?.vars,
    maxTokenGrowth: gate.max_token_growth,
    strict: gate.strict ?? false,
    price: providers.priceOf(arms[0]!.target),
  });
  const isSound = checked.findings.every(({ severity }) => severity !== "error");
  const todo = plan(arms, cases, repeats).filter(
    ({ arm, caseIndex, repeat }) => isSound && !results.has(resultKey({ arm: arm.name, caseIndex, repeat })),
  );
  const total = arms.length * cases.length * repeats;
  const budget = options.budget ?? gateBudget(gate, [...results.values()]);
  if (budget) checkPrices(arms, judge, cases, providers);
  let isBudgetGone = false;
  let isStopped = false;
  // A comparison that comes afterwards may still turn a fail.
  const canStop = !cases.some(isComparative);
  let underWay = 0;
  const outage = new OutageWatch(options.concurrency ?? providers.concurrency);
  const stop = new AbortController();
  const either = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  let errors = 0;
  let costUsd: number | null = 0;

  if (options.onPlan && isSound) options.onPlan(await planEvaluation(todo, gate, providers, judge));
  await runPool(
    todo,
    options.concurrency ?? providers.concurrency,
    async (run) => {
      isStopped ||= canStop && total - results.size - underWay >= WORTH_STOPPING && isDecided(tally, gate);
      if (isStopped) return;
      underWay += 1;
      if (outage.isOver && options.onOutage === "throw") throw outage.asError();
      const why = outage.isOver
        ? "the endpoint was away"
        : isBudgetGone
          ? "the budget is used up"
          : undefined;
      const result = why
        ? notRun(run, why)
        : await runCase(run, { providers, judge, budget, signal: either });
      underWay -= 1;
      outage.note(result, run);
      isBudgetGone ||= result.errorKind === "budget";
      if (outage.isOver && !outage.hadSuccess && reused === 0) throw outage.asError();
      keep(result);
      if (result.error === null) await options.recorded?.save(result);
      else errors += 1;
      costUsd = costUsd === null || result.costUsd === null ? null : costUsd + result.costUsd;
      options.onProgress?.({ done: results.size, total, errors, costUsd, result });
    },
    stop,
  );
  if (outage.worst && !outage.hadSuccess && reused === 0) throw outage.asError();
  if (outage.worst && options.onOutage === "throw") throw outage.asError();

  return {
    cases,
    total,
    reused,
    judge,
    checked,
    leaks: findLeaks(cases, options.candidate),
    means: { providers, judge, budget, signal },
    resultsOf: (arm) => [...results.values()].filter((result) => result.arm === arm),
  };
}

/**
 * Whether the candidate has failed whatever is still to come. A pass is never certain before the end: what
 * remains may end in errors, which leave the verdict open.
 */
function isDecided(tally: Tally, gate: EvaluationPolicy): boolean {
  const { cases } = tally;
  return gateHasFailed({ passed: tally.bestSum(), done: cases, cases, minPassRate: gate.min_pass_rate });
}

function judgeTarget(model: string): ModelTarget {
  const target = parseModelTarget(model);
  if (!target)
    throw invalidInput(`the judge "${model}" is not provider/model with openai or anthropic`, { model });
  return target;
}

/** Every case run, both versions of a case next to each other, so that what is done at any time can be compared. */
function plan(arms: readonly Arm[], cases: readonly TestCase[], repeats: number): CaseRun[] {
  const runs: CaseRun[] = [];
  for (let repeat = 0; repeat < repeats; repeat += 1)
    cases.forEach((testCase, caseIndex) => {
      for (const arm of arms) runs.push({ arm, testCase, caseIndex, repeat });
    });
  return runs;
}
