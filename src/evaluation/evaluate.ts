import { type Artifact, type ModelTarget, parseModelTarget } from "../domain/artifact.ts";
import { invalidInput } from "../domain/errors.ts";
import type { GatePolicy } from "../domain/policy.ts";
import { digestJson } from "../digest.ts";
import { type Budget, memoryBudget } from "../providers/budget.ts";
import type { Providers } from "../providers/create-providers.ts";
import { gateHasFailed } from "../statistics/gate.ts";
import { type Arm, createArm } from "./arm.ts";
import type { Assertion } from "./assertion.ts";
import { ASSERTION_KINDS } from "./assertions/registry.ts";
import { bindCases } from "./bind-cases.ts";
import { type CaseResult, resultKey, type ResultStore } from "./case-result.ts";
import { type Dataset, datasetSha256, type TestCase } from "./dataset.ts";
import { JUDGE_VERSION } from "./judge.ts";
import { notRun } from "./not-run.ts";
import { type EvaluationReport, makeReport } from "./report.ts";
import { type CaseRun, runCase } from "./run-case.ts";
import { runPool } from "./run-pool.ts";
import { Tally } from "./tally.ts";
import { OutageWatch } from "./outage-watch.ts";

/** Runs that must be left for stopping early: for fewer, seeing every failure is worth more than the calls. */
const WORTH_STOPPING = 50;

/** What of a gate policy an evaluation follows. */
export type EvaluationPolicy = Pick<GatePolicy, "repeats" | "min_pass_rate" | "max_regression"> &
  Partial<Pick<GatePolicy, "judge" | "max_cost_usd" | "strict" | "max_token_growth">>;

export interface EvaluationProgress {
  /** Case runs with a result, recorded ones included, and all there are. */
  readonly done: number;
  readonly total: number;
  readonly errors: number;
  /** Spent by this call so far, in US dollars; null when a price is not known. */
  readonly costUsd: number | null;
  readonly result: CaseResult;
}

export interface EvaluationOptions {
  readonly candidate: Artifact;
  /** Without one the gate is absolute: the pass rate alone decides. */
  readonly baseline?: Artifact | undefined;
  readonly dataset: Dataset;
  readonly gate: EvaluationPolicy;
  readonly providers: Providers;
  /** `provider/model` of the judge; the gate's, else the candidate's own model. */
  readonly judge?: string | undefined;
  readonly recorded?: ResultStore | undefined;
  readonly onProgress?: ((progress: EvaluationProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** What all calls are paid from; one of `max_cost_usd` in this process where the gate has that. */
  readonly budget?: Budget | undefined;
  /** Case runs under way at once; the providers' concurrency by default. */
  readonly concurrency?: number | undefined;
  /**
   * What happens when an endpoint went away in the middle: `throw` ends with a retryable error (results so
   * far are in `recorded`), `report` counts the rest as errors. Without a single success it always throws.
   */
  readonly onOutage?: "throw" | "report" | undefined;
}

/**
 * Answers the gate's question: is the candidate at least as good as the baseline on these cases, and how
 * sure is that? Both versions are asked the same cases the same number of times. Throws `invalid_input`
 * before the first call for what cannot be asked, and the endpoint's own error when nothing could be.
 */
export async function evaluate(options: EvaluationOptions): Promise<EvaluationReport> {
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

  const todo = plan(arms, cases, repeats).filter(
    ({ arm, caseIndex, repeat }) => !results.has(resultKey({ arm: arm.name, caseIndex, repeat })),
  );
  const total = arms.length * cases.length * repeats;
  const budget = options.budget ?? gateBudget(gate, [...results.values()]);
  if (budget) checkPrices(arms, judge, cases, providers);
  let isBudgetGone = false;
  let isStopped = false;
  let underWay = 0;
  const outage = new OutageWatch(options.concurrency ?? providers.concurrency);
  const stop = new AbortController();
  const either = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  let errors = 0;
  let costUsd: number | null = 0;

  await runPool(
    todo,
    options.concurrency ?? providers.concurrency,
    async (run) => {
      isStopped ||= total - results.size - underWay >= WORTH_STOPPING && isDecided(tally, gate);
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

  return makeReport({
    tally,
    gate,
    hasBaseline: options.baseline !== undefined,
    results: [...results.values()],
    total,
    dataset: { name: dataset.name, sha256: datasetSha256(dataset) },
    judge: { model: `${judge.provider}/${judge.model}`, version: JUDGE_VERSION },
    candidateSha256: digestJson(options.candidate),
    baselineSha256: options.baseline ? digestJson(options.baseline) : null,
    reused,
    warnings: dataset.warnings,
  });
}

/** The gate's own budget, less what the recorded results have cost. */
function gateBudget(gate: EvaluationPolicy, recorded: readonly CaseResult[]): Budget | undefined {
  if (gate.max_cost_usd === undefined) return undefined;
  const spent = recorded.reduce((total, { costUsd }) => total + (costUsd ?? 0), 0);
  return memoryBudget(gate.max_cost_usd, spent);
}

/** A budget holds only where every price is known. */
function checkPrices(
  arms: readonly Arm[],
  judge: ModelTarget,
  cases: readonly TestCase[],
  providers: Providers,
): void {
  const judges = cases.some(({ assert }) => assert.some(isJudged)) ? [judge] : [];
  for (const { provider, model } of [...arms.map(({ target }) => target), ...judges])
    if (!providers.priceOf({ provider, model }))
      throw invalidInput(
        `the price of ${provider}/${model} is not known, so max_cost_usd cannot be kept; add it to the prices file, or leave max_cost_usd out`,
        { model: `${provider}/${model}` },
      );
}

function isJudged({ type, judge, assert }: Assertion): boolean {
  return (ASSERTION_KINDS.get(type)?.judged === true && judge === undefined) || (assert ?? []).some(isJudged);
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
