import { unavailable } from "../../domain/errors.ts";
import { isOutageKind } from "../../providers/failure-kinds.ts";
import { type CaseResult, resultKey } from "../grading/case-result.ts";
import { isComparative } from "../dataset/comparative-case.ts";
import type { EvaluationPolicy } from "./evaluation-policy.ts";
import type { PreparedEvaluation } from "./prepared-evaluation.ts";
import type { CaseContext, CaseRun } from "./run-case.ts";
import { runCases } from "./run-cases.ts";
import { isDecided } from "./run-evaluation.ts";

export interface Batch {
  /** Of the prepared runs, from 0. */
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
  /** Keys of the results that are recorded already: those runs are not repeated. */
  readonly recorded: ReadonlySet<string>;
  readonly context: CaseContext;
  /** Case runs under way at once. */
  readonly concurrency: number;
  /** Records a result, a fail or an error as well; run for each before the next call is made in its place. */
  readonly save: (run: CaseRun, result: CaseResult) => Promise<void>;
  /**
   * True when it was tried often enough: what single runs could not get from the endpoint is then recorded as
   * their error. Until then, and always while the endpoint is unreachable for all, an outage is thrown.
   */
  readonly isLastTry: boolean;
  /** Whether the evaluation has any answer yet. */
  readonly hadSuccess: boolean;
}

/** Runs one slice of an evaluation. Throws a retryable `unavailable` of kind `outage` when it cannot go on now. */
export async function runBatch(
  { runs }: PreparedEvaluation,
  batch: Batch,
): Promise<{ readonly budgetExhausted: boolean }> {
  const byKey = new Map<string, CaseRun>();
  for (const run of runs.slice(batch.from, batch.to)) {
    const key = resultKey({ ...run, arm: run.arm.name });
    if (!batch.recorded.has(key)) byKey.set(key, run);
  }
  const undelivered: CaseResult[] = [];
  let budgetExhausted = false;
  let isUnreachable = false;
  await runCases({
    todo: [...byKey.values()],
    context: batch.context,
    concurrency: batch.concurrency,
    isDecided: () => isUnreachable || budgetExhausted,
    async keep(result) {
      if (result.errorKind === "budget") budgetExhausted = true;
      else if (result.errorKind === "not_run") isUnreachable ||= !budgetExhausted;
      else if (isPassing(result)) undelivered.push(result);
      else await batch.save(byKey.get(resultKey(result))!, result);
    },
    hadSuccess: batch.hadSuccess,
    onOutage: batch.isLastTry ? "report" : "throw",
  });
  if (isUnreachable)
    throw unavailable(`the evaluation cannot go on: ${undelivered.at(-1)?.error}`, { kind: "outage" });
  for (const result of undelivered) await batch.save(byKey.get(resultKey(result))!, result);
  return { budgetExhausted };
}

/** An error that says nothing about the answer and may be gone a moment later. */
export function isPassing({ error, errorKind }: CaseResult): boolean {
  return error !== null && (isOutageKind(errorKind) || errorKind === "unavailable");
}

/** Whether the candidate has failed whatever the rest would say: no more batches are needed then. */
export function hasFailedEarly(
  { cases }: PreparedEvaluation,
  gate: EvaluationPolicy,
  /** Runs of the candidate that failed so far. */
  candidateFails: number,
): boolean {
  // A comparison that comes afterwards may still turn a fail.
  if (cases.some(isComparative)) return false;
  const best = cases.length - candidateFails / gate.repeats;
  return isDecided({ cases: cases.length, bestSum: () => best }, gate);
}
