import { type CaseResult, type ResultStore, resultKey } from "../evaluation/grading/case-result.ts";
import type { EvaluationPolicy } from "../evaluation/evaluate.ts";
import type { PreparedEvaluation } from "../evaluation/running/prepared-evaluation.ts";
import { enoughBaselineRuns, withRuns } from "../evaluation/running/baseline-runs.ts";
import { reuseKey } from "../evaluation/running/reuse-key.ts";
import type { Providers } from "../providers/create-providers.ts";
import type { Database } from "../storage/database.ts";
import { measuredBaselines } from "../storage/read/baseline-results.ts";
import { forgetOldBaselines, saveBaselineResult } from "../storage/write/baseline-results.ts";

/** What was measured of baselines in earlier evaluations, for as long as nothing they depend on has changed. */
export interface BaselineMemory {
  recall(
    prepared: Pick<PreparedEvaluation, "runs" | "judge">,
    context: { readonly gate: EvaluationPolicy; readonly providers: Providers },
  ): Promise<ResultStore>;
}

/**
 * Such a memory in the database. It saves calls and must not be why an evaluation fails: at the first trouble
 * `onTrouble` is told once, and from then on everything is measured anew.
 */
export function rememberBaseline(db: Database, onTrouble: (error: unknown) => void): BaselineMemory {
  let isWell = true;
  async function tried<T>(work: () => Promise<T>): Promise<T | undefined> {
    if (!isWell) return undefined;
    try {
      return await work();
    } catch (error) {
      if (isWell) onTrouble(error);
      isWell = false;
      return undefined;
    }
  }
  return {
    async recall({ runs, judge }, { gate, providers }) {
      const keys = new Map<string, string>();
      for (const run of runs) {
        const key = run.arm.name === "baseline" ? reuseKey(run, { judge, gate, providers }) : undefined;
        if (key !== undefined) keys.set(resultKey({ ...run, arm: "baseline" }), key);
      }
      const known = await tried(async () => {
        await forgetOldBaselines(db);
        return measuredBaselines(db, [...keys.values()]);
      });
      const counts = new Map([...(known ?? [])].map(([key, { runs: kept }]) => [key, kept]));
      const enough = enoughBaselineRuns(gate);
      const recalled: CaseResult[] = [];
      for (const { caseIndex, repeat } of runs.filter(({ arm }) => arm.name === "baseline")) {
        const key = keys.get(resultKey({ arm: "baseline", caseIndex, repeat }));
        const found = key === undefined ? undefined : known?.get(key);
        if (found && found.runs.of >= enough)
          recalled.push({ ...found.result, caseIndex, repeat, costUsd: 0, reused: true });
      }
      return {
        load: () => Promise.resolve(recalled),
        async save(result) {
          const key = keys.get(resultKey(result));
          if (key === undefined) return;
          const { passed, of } = counts.get(key) ?? { passed: 0, of: 0 };
          counts.set(key, { passed: passed + Number(result.pass), of: of + 1 });
          await tried(() => saveBaselineResult(db, key, result));
        },
        averaged: (results) =>
          results.map((result) => withRuns(result, counts.get(keys.get(resultKey(result)) ?? ""))),
      };
    },
  };
}
