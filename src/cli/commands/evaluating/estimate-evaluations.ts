import { counted, wordFor } from "../../../domain/text/counted.ts";
import type { EvaluationOptions } from "../../../evaluation/evaluate.ts";
import { type ResultStore, resultKey } from "../../../evaluation/grading/case-result.ts";
import { planEvaluation } from "../../../evaluation/running/plan-evaluation.ts";
import { prepareEvaluation } from "../../../evaluation/running/prepare-evaluation.ts";
import type { PreparedEvaluation } from "../../../evaluation/running/prepared-evaluation.ts";
import type { Providers } from "../../../providers/create-providers.ts";

/** One evaluation that is about to run; several when a configuration has several columns. */
export type Upcoming = Pick<
  EvaluationOptions,
  "candidate" | "baseline" | "endpoints" | "chatTexts" | "dataset" | "gate"
> & {
  readonly label: string;
  /** Finds what needs not be asked again. */
  readonly recall?: ((prepared: PreparedEvaluation) => Promise<ResultStore>) | undefined;
};

export interface Estimate {
  /** Each evaluation as it will be asked. */
  readonly prepared: readonly PreparedEvaluation[];
  /** Of each evaluation what needs not be asked again, where there is a memory. */
  readonly recorded: readonly (ResultStore | undefined)[];
  /** Case runs of all of them. */
  readonly runs: number;
  /** Calls, cost, and what the cases can detect, as lines to show. */
  readonly lines: readonly string[];
}

/** What can be known before the first call. Throws `invalid_input` for what cannot be asked. */
export async function estimateEvaluations(
  upcoming: readonly Upcoming[],
  providers: Providers,
): Promise<Estimate> {
  const all: PreparedEvaluation[] = [];
  const recorded: (ResultStore | undefined)[] = [];
  const lines: string[] = [];
  let [runs, calls] = [0, 0];
  let costUsd: number | null = 0;
  for (const { label, recall, ...options } of upcoming) {
    const prepared = await prepareEvaluation({ ...options, providers });
    all.push(prepared);
    runs += prepared.runs.length;
    const store = prepared.isSound ? await recall?.(prepared) : undefined;
    recorded.push(store);
    // What the built-in checks refuse is not asked at all.
    if (!prepared.isSound) continue;
    const known = new Set((await store?.load())?.map(resultKey));
    const todo = prepared.runs.filter((run) => !known.has(resultKey({ ...run, arm: run.arm.name })));
    const plan = await planEvaluation(prepared, todo, options.gate, providers);
    calls += plan.calls;
    costUsd = costUsd === null || plan.expectedCostUsd === null ? null : costUsd + plan.expectedCostUsd;
    lines.push(`${label}: ${plan.summary}`);
    if (known.size > 0)
      lines.push(
        `${label}: ${counted(known.size, "result")}${[...known].some((key) => key.startsWith("candidate/")) ? "" : " of the baseline"} ${wordFor(known.size, "is", "are")} reused: nothing they depend on has changed`,
      );
  }
  if (upcoming.length > 1 && calls > 0)
    lines.push(
      `together ${counted(calls, "call")} ${costUsd === null ? "at a price that is not known" : `for about $${costUsd.toPrecision(2)}`}`,
    );
  return { prepared: all, recorded, runs, lines };
}
