import { type Artifact, type ModelTarget, parseModelTarget } from "../domain/artifact.ts";
import { invalidInput } from "../domain/errors.ts";
import type { GatePolicy } from "../domain/policy.ts";
import { digestJson } from "../digest.ts";
import type { Providers } from "../providers/create-providers.ts";
import { type Arm, createArm } from "./arm.ts";
import { bindCases } from "./bind-cases.ts";
import { type CaseResult, resultKey, type ResultStore } from "./case-result.ts";
import { type Dataset, datasetSha256, type TestCase } from "./dataset.ts";
import { JUDGE_VERSION } from "./judge.ts";
import { type EvaluationReport, makeReport } from "./report.ts";
import { type CaseRun, runCase } from "./run-case.ts";
import { runPool } from "./run-pool.ts";
import { Tally } from "./tally.ts";
import { OutageWatch } from "./outage-watch.ts";

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
  const outage = new OutageWatch(options.concurrency ?? providers.concurrency);
  const stop = new AbortController();
  const either = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  let errors = 0;
  let costUsd: number | null = 0;

  await runPool(
    todo,
    options.concurrency ?? providers.concurrency,
    async (run) => {
      if (outage.isOver && options.onOutage === "throw") throw outage.asError();
      const result = outage.isOver
        ? outage.notRun(run)
        : await runCase(run, { providers, judge, signal: either });
      outage.note(result, run);
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
    dataset: { name: dataset.name, sha256: datasetSha256(dataset) },
    judge: { model: `${judge.provider}/${judge.model}`, version: JUDGE_VERSION },
    candidateSha256: digestJson(options.candidate),
    baselineSha256: options.baseline ? digestJson(options.baseline) : null,
    reused,
    warnings: dataset.warnings,
  });
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
