import { cancellationSignal, Context } from "@temporalio/activity";
import { digestJson } from "../src/digest.ts";
import { conflict, SluiceError, unavailable } from "../src/domain/errors.ts";
import { askBaselineAgain, enoughBaselineRuns, withRuns } from "../src/evaluation/running/baseline-runs.ts";
import { restsOnEarlierBaseline } from "../src/evaluation/verdict/rests-on-earlier-baseline.ts";
import { type CaseResult, resultKey } from "../src/evaluation/grading/case-result.ts";
import { concludeEvaluation } from "../src/evaluation/verdict/conclude-evaluation.ts";
import { refuseComparisons } from "../src/evaluation/evaluate.ts";
import { checkPrices } from "../src/evaluation/running/gate-budget.ts";
import { JUDGE_VERSION } from "../src/evaluation/grading/assertions/judge.ts";
import { reuseKey } from "../src/evaluation/running/reuse-key.ts";
import { hasFailedEarly, isPassing, runBatch } from "../src/evaluation/running/run-batch.ts";
import type { CaseContext } from "../src/evaluation/running/run-case.ts";
import { budgetOver } from "../src/providers/budget.ts";
import type { Providers } from "../src/providers/create-providers.ts";
import type { Database } from "../src/storage/database.ts";
import { baselinesMeasuredByWorkers } from "../src/storage/read/baseline-results.ts";
import {
  countResults,
  outcomeOfRolloutOf,
  recordedResults,
  recordedRuns,
} from "../src/storage/read/evaluation.ts";
import { findRollout } from "../src/storage/read/rollout-row.ts";
import { forfeitReservations, openBudget, postgresLedger } from "../src/storage/write/budget-ledger.ts";
import {
  beginEvaluation,
  finishEvaluation,
  replaceReusedResult,
  saveComparison,
  saveEvaluationResult,
} from "../src/storage/write/record-evaluation.ts";
import { closeEvaluation, failEvaluation } from "../src/storage/write/open-evaluation.ts";
import { reuseBaselineResults } from "../src/storage/write/reuse-results.ts";
import { cutIntoBatches } from "./evaluation-batches.ts";
import { type LoadedEvaluation, evaluationLoader } from "./load-evaluation.ts";
import type {
  BatchOutcome,
  BatchToRun,
  EvaluationFailed,
  EvaluationToConclude,
  EvaluationToRun,
  GateResult,
  PlannedBatches,
} from "../src/protocol/activity-values.ts";

export interface EvaluationParts {
  readonly db: Database;
  readonly providers: Providers;
}

/** After this many, a comparison that the judge's endpoint did not answer is recorded as an error. */
const COMPARISON_TRIES = 5;

/**
 * An evaluation in pieces. What a call has given is kept before the next one is made in its place, so whatever
 * dies, a new attempt pays only for what is missing.
 */
export function evaluationActivities({ db, providers }: EvaluationParts) {
  const load = evaluationLoader(db, providers);
  return {
    /** Keeps why an evaluation came to no verdict. */
    async failEvaluation({ evaluationId, reason, unlessEnded }: EvaluationFailed): Promise<void> {
      if (unlessEnded) await closeEvaluation(db, evaluationId, reason);
      else await failEvaluation(db, evaluationId, reason);
    },

    /** Opens the evaluation of a rollout's gate, or finds the one that it has. */
    async openGateEvaluation({ rolloutId }: { readonly rolloutId: string }): Promise<EvaluationToRun> {
      const rollout = await findRollout(db, rolloutId);
      const gate = rollout?.policy.gate;
      if (!rollout || !gate || !rollout.dataset_sha256)
        throw new SluiceError("internal", `rollout ${rolloutId} has no gate to pass`);
      const evaluationId = await beginEvaluation(db, {
        rolloutId,
        candidateVersion: rollout.candidate_version,
        baselineVersion: rollout.baseline_version,
        datasetSha256: rollout.dataset_sha256,
        gate,
        gateSha256: digestJson(gate),
        judgeSha256: digestJson({ judge: gate.judge ?? null, version: JUDGE_VERSION }),
      });
      return { evaluationId };
    },

    /** Sees that everything can be asked and paid, reuses what is known of the baseline, cuts the rest. */
    async planEvaluation({ evaluationId }: EvaluationToRun): Promise<PlannedBatches> {
      const evaluation = await load(evaluationId);
      const { prepared, gate } = evaluation;
      const { runs, judge, isSound } = prepared;
      if (!evaluation.baseline) refuseComparisons(evaluation.dataset);
      if (!isSound) return { total: runs.length, reused: 0, batches: [], lanes: 0 };
      if (gate.max_cost_usd !== undefined) {
        checkPrices(prepared, providers);
        await openBudget(db, evaluationId, gate.max_cost_usd);
      }
      await reuseBaselineResults(
        db,
        evaluationId,
        runs.flatMap((run) => {
          const key = run.arm.name === "baseline" ? reuseKey(run, { judge, gate, providers }) : undefined;
          return key ? [{ caseIndex: run.caseIndex, repeat: run.repeat, reuseKey: key }] : [];
        }),
        enoughBaselineRuns(gate),
      );
      const { recorded } = await countResults(db, evaluationId);
      return { total: runs.length, reused: recorded, ...cutIntoBatches(runs.length) };
    },

    /** Runs what has no result yet of one batch, and says how the evaluation stands. */
    async runEvaluationBatch(requested: BatchToRun): Promise<BatchOutcome> {
      const { evaluationId, from, to } = requested;
      await refuseEnded(db, evaluationId);
      const evaluation = await load(evaluationId);
      const { prepared, gate } = evaluation;
      const before = await countResults(db, evaluationId);
      let outage: string | null = null;
      let budgetExhausted = false;
      try {
        ({ budgetExhausted } = await runBatch(prepared, {
          from,
          to,
          recorded: await recordedKeys(db, evaluation, from, to),
          context: await callContext(db, providers, evaluation, `${from}`),
          concurrency: providers.concurrency,
          save: (run, result) =>
            saveEvaluationResult(
              db,
              evaluationId,
              result,
              run.arm.name === "baseline" && result.error === null
                ? reuseKey(run, { judge: prepared.judge, gate, providers })
                : undefined,
            ),
          isLastTry: requested.isLastTry,
          hadSuccess: before.answered > 0,
        }));
      } catch (error) {
        if (!isOutage(error)) throw error;
        outage = error.message;
      }
      const { recorded, errors, candidateFails } = await countResults(db, evaluationId);
      return {
        recorded,
        errors,
        outage,
        budgetExhausted,
        failedEarly: hasFailedEarly(prepared, gate, candidateFails),
      };
    },

    /** Draws the verdict from what is recorded, after the comparisons that need all answers. */
    async concludeEvaluation(requested: EvaluationToConclude): Promise<GateResult> {
      const { evaluationId } = requested;
      const budgetExhausted = requested.budgetExhausted ?? requested.isBudgetGone;
      await refuseEnded(db, evaluationId);
      const evaluation = await load(evaluationId);
      const { prepared, gate, candidate, baseline, dataset } = evaluation;
      const context = await callContext(db, providers, evaluation, "comparison");
      const conclude = async () =>
        concludeEvaluation({
          options: { candidate, baseline, dataset, gate },
          prepared,
          results: await averagedResults(db, providers, evaluation),
          missing: budgetExhausted ? "the budget is used up" : "left out",
          context,
          keep: async (results) => {
            const undelivered = results.find(isPassing);
            if (undelivered && Context.current().info.attempt < COMPARISON_TRIES)
              throw unavailable(undelivered.error!, { kind: "outage" });
            await saveComparison(db, evaluationId, results);
          },
        });
      let report = await conclude();
      if (!budgetExhausted && restsOnEarlierBaseline(report, gate)) {
        await askBaselineAgain(prepared.runs, report.results, {
          context,
          concurrency: providers.concurrency,
          keep: (_, result) => replaceReusedResult(db, evaluationId, result),
          onOutage: Context.current().info.attempt < COMPARISON_TRIES ? "throw" : "report",
        });
        report = await conclude();
      }
      await finishEvaluation(db, evaluationId, {
        verdict: report.verdict,
        reason: report.reason,
        report: { ...report, results: undefined },
        costUsd: report.costUsd,
      });
      const { verdict, looks, reason, cases, passRate, baselinePassRate, costUsd } = report;
      const findings = report.findings.map(({ severity, message }) => `${severity}: ${message}`);
      return { verdict, looks, reason, cases, passRate, baselinePassRate, costUsd, findings };
    },
  };
}

/** A rollback needs Postgres alone, and tells no workflow: nothing more is paid for what it has ended. */
async function refuseEnded(db: Database, evaluationId: string): Promise<void> {
  const outcome = await outcomeOfRolloutOf(db, evaluationId);
  if (outcome !== null)
    throw conflict(`the rollout that this evaluation is for has ended: ${outcome}`, { evaluationId });
}

/** The results, those of the baseline with what is kept of its earlier runs. */
async function averagedResults(
  db: Database,
  providers: Providers,
  { id, prepared, gate }: LoadedEvaluation,
): Promise<CaseResult[]> {
  const results = await recordedResults(db, id);
  const keys = new Map<string, string>();
  for (const run of prepared.runs) {
    const key =
      run.arm.name === "baseline" ? reuseKey(run, { judge: prepared.judge, gate, providers }) : undefined;
    if (key !== undefined) keys.set(resultKey({ ...run, arm: "baseline" }), key);
  }
  const measured = await baselinesMeasuredByWorkers(db, [...keys.values()]);
  return results.map((result) => withRuns(result, measured.get(keys.get(resultKey(result)) ?? "")?.runs));
}

/** What calls are made with; what an earlier attempt at this piece left reserved is counted as spent. */
async function callContext(
  db: Database,
  providers: Providers,
  { id, gate, prepared }: LoadedEvaluation,
  piece: string,
): Promise<CaseContext> {
  const context = { providers, judge: prepared.judge, signal: cancellationSignal() };
  if (gate.max_cost_usd === undefined) return context;
  const { activityId, attempt } = Context.current().info;
  const holder = { piece, attempt: `${activityId}.${attempt}` };
  await forfeitReservations(db, id, holder);
  return { ...context, budget: budgetOver(postgresLedger(db, id, holder)) };
}

async function recordedKeys(
  db: Database,
  { id, prepared }: LoadedEvaluation,
  from: number,
  to: number,
): Promise<Set<string>> {
  const runs = prepared.runs.slice(from, to);
  const span = (values: readonly number[]) => [Math.min(...values), Math.max(...values)] as const;
  const recorded = await recordedRuns(db, id, {
    cases: span(runs.map(({ caseIndex }) => caseIndex)),
    repeats: span(runs.map(({ repeat }) => repeat)),
  });
  return new Set(recorded.map(resultKey));
}

function isOutage(error: unknown): error is SluiceError {
  return error instanceof SluiceError && error.details["kind"] === "outage";
}
