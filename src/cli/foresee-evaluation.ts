import type { EvaluationOptions } from "../evaluation/evaluate.ts";
import { planEvaluation } from "../evaluation/plan-evaluation.ts";
import { prepareEvaluation } from "../evaluation/prepare-evaluation.ts";
import type { Providers } from "../providers/create-providers.ts";

/** One evaluation that is about to run; several when a configuration has several columns. */
export type Upcoming = Pick<
  EvaluationOptions,
  "candidate" | "baseline" | "endpoints" | "dataset" | "gate"
> & {
  readonly label: string;
};

export interface Foreseen {
  /** Of each evaluation its cases' variables, lists expanded. */
  readonly vars: readonly (readonly Readonly<Record<string, unknown>>[])[];
  /** Case runs of all of them. */
  readonly runs: number;
  /** Calls, cost, and what the cases can detect, for people. */
  readonly lines: readonly string[];
}

/** What can be known before the first call. Throws `invalid_input` for what cannot be asked. */
export async function foreseeEvaluations(
  upcoming: readonly Upcoming[],
  providers: Providers,
): Promise<Foreseen> {
  const vars: (readonly Readonly<Record<string, unknown>>[])[] = [];
  const lines: string[] = [];
  let [runs, calls] = [0, 0];
  let costUsd: number | null = 0;
  for (const { label, ...options } of upcoming) {
    const prepared = await prepareEvaluation({ ...options, providers });
    vars.push(prepared.cases.map((one) => one.vars));
    runs += prepared.runs.length;
    // What the built-in checks refuse is not asked at all.
    if (!prepared.isSound) continue;
    const plan = await planEvaluation(prepared.runs, options.gate, providers, prepared.judge);
    calls += plan.calls;
    costUsd = costUsd === null || plan.expectedCostUsd === null ? null : costUsd + plan.expectedCostUsd;
    lines.push(`${label}: ${plan.summary}`);
  }
  if (upcoming.length > 1 && calls > 0)
    lines.push(
      `together ${calls} calls ${costUsd === null ? "at a price that is not known" : `for about $${costUsd.toPrecision(2)}`}`,
    );
  return { vars, runs, lines };
}
