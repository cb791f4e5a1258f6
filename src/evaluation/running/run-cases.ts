import type { CaseResult } from "../grading/case-result.ts";
import { limitHeapGrowth } from "../dataset/limit-heap-growth.ts";
import { notRun } from "./not-run.ts";
import { OutageWatch } from "./outage-watch.ts";
import { type CaseContext, type CaseRun, runCase } from "./run-case.ts";
import { runPool } from "./run-pool.ts";

/** Calls from which on what they leave behind is worth being tidied up sooner. */
const MANY = 500;

export interface CasesToRun {
  readonly todo: readonly CaseRun[];
  readonly context: CaseContext;
  /** Case runs under way at once. */
  readonly concurrency: number;
  /** Asked before each run with how many are under way; true: what is left is not run. */
  readonly isDecided: (underWay: number) => boolean;
  /** Takes each result as it comes. */
  readonly keep: (result: CaseResult) => Promise<void> | void;
  /** Whether the endpoints have ever answered, before this. */
  readonly hadSuccess: boolean;
  /** With the endpoint unreachable, `throw` ends with a retryable error, `report` counts the rest as errors. */
  readonly onOutage: "throw" | "report";
}

/**
 * Works through case runs. Once the endpoint is unreachable or the budget is used up, the rest is not tried.
 * Throws where an endpoint failed and no call ever succeeded; with `throw`, where any call was lost to an outage.
 */
export async function runCases(work: CasesToRun): Promise<void> {
  const { context, concurrency, keep, onOutage } = work;
  const outage = new OutageWatch(concurrency);
  outage.hadSuccess = work.hadSuccess;
  const stop = new AbortController();
  const signal = context.signal ? AbortSignal.any([context.signal, stop.signal]) : stop.signal;
  let underWay = 0;
  if (work.todo.length >= MANY) limitHeapGrowth();
  let isDecided = false;
  let budgetExhausted = false;
  await runPool(
    work.todo,
    concurrency,
    async (run) => {
      isDecided ||= work.isDecided(underWay);
      if (isDecided) return;
      underWay += 1;
      if (outage.isOver && onOutage === "throw") throw outage.asError();
      const why = outage.isOver
        ? "the endpoint was unreachable"
        : budgetExhausted
          ? "the budget is used up"
          : undefined;
      const result = why ? notRun(run, why) : await runCase(run, { ...context, signal });
      underWay -= 1;
      outage.note(result, run);
      budgetExhausted ||= result.errorKind === "budget";
      if (outage.isOver && !outage.hadSuccess) throw outage.asError();
      await keep(result);
    },
    stop,
  );
  if (outage.worst && (!outage.hadSuccess || onOutage === "throw")) throw outage.asError();
}
