import { counted } from "../src/domain/text/counted.ts";
import {
  ApplicationFailure,
  CancellationScope,
  isCancellation,
  setCurrentDetails,
  setHandler,
  setWorkflowOptions,
  sleep,
} from "@temporalio/workflow";
import type { BatchOutcome, EvaluationToRun, GateResult } from "../src/protocol/activity-values.ts";
import { standingQuery } from "./messages.ts";
import type { EvaluationStanding } from "../src/protocol/rollout-messages.ts";
import { rootOf } from "./ending.ts";
import { evaluationBatches, evaluationRecords, insistent, lasting } from "./proxies.ts";

setWorkflowOptions({ failureExceptionTypes: [Error] }, promptEvaluation);

/** How long an endpoint that is unreachable is waited for, in ms, before it is tried again. Then the evaluation fails. */
const OUTAGE_WAITS = [1_000, 2_000, 4_000, 8_000] as const;

/**
 * One evaluation: every case of a dataset put to a candidate and its baseline, batch by batch. Results are in
 * Postgres; what passes through here is how many there are. Ends with the gate's verdict, or fails where an
 * endpoint stayed unreachable or nothing could be asked.
 */
export async function promptEvaluation(evaluation: EvaluationToRun): Promise<GateResult> {
  if (!evaluation.alone) return evaluate(evaluation);
  try {
    return await evaluate(evaluation);
  } catch (error) {
    const { evaluationId } = evaluation;
    // Whoever stopped it may have said why already.
    const end = isCancellation(error)
      ? { evaluationId, reason: "cancelled in Temporal", unlessEnded: true }
      : { evaluationId, reason: rootOf(error).message };
    await CancellationScope.nonCancellable(() =>
      insistent.failEvaluation.executeWithOptions({ summary: "no verdict" }, [end]),
    );
    throw error;
  }
}

async function evaluate(evaluation: EvaluationToRun): Promise<GateResult> {
  const { evaluationId } = evaluation;
  let standing: EvaluationStanding = {
    evaluationId,
    recorded: 0,
    total: 0,
    errors: 0,
    reused: 0,
    waitingFor: null,
    result: null,
  };
  const show = (change: Partial<EvaluationStanding>) => {
    standing = { ...standing, ...change };
    setCurrentDetails(describe(standing));
  };
  setHandler(standingQuery, () => standing);

  const plan = await evaluationRecords.planEvaluation.executeWithOptions({ summary: "plan" }, [evaluation]);
  show({ total: plan.total, reused: plan.reused, recorded: plan.reused });

  let next = 0;
  let failedEarly = false;
  let budgetExhausted = false;
  const lane = async () => {
    while (next < plan.batches.length && !failedEarly && !budgetExhausted) {
      const [from, to] = plan.batches[next++]!;
      const outcome = await runBatch(evaluation, from, to, plan.total, show);
      failedEarly ||= outcome.failedEarly ?? outcome.isLost ?? false;
      budgetExhausted ||= outcome.budgetExhausted ?? outcome.isBudgetGone ?? false;
    }
  };
  await Promise.all(Array.from({ length: plan.lanes }, lane));

  const result = await evaluationBatches.concludeEvaluation.executeWithOptions(
    { ...lasting(), summary: "conclude" },
    [{ evaluationId, budgetExhausted }],
  );
  show({ result });
  return result;
}

/** Runs one batch until it is done, waiting while the endpoint is unreachable. */
async function runBatch(
  { evaluationId }: EvaluationToRun,
  from: number,
  to: number,
  total: number,
  show: (change: Partial<EvaluationStanding>) => void,
): Promise<BatchOutcome> {
  for (let failed = 0; ; failed++) {
    const isLastTry = failed === OUTAGE_WAITS.length;
    const outcome = await evaluationBatches.runEvaluationBatch.executeWithOptions(
      { ...lasting(), summary: `runs ${from + 1} to ${to} of ${total}` },
      [{ evaluationId, from, to, isLastTry }],
    );
    const { recorded, errors, outage } = outcome;
    show({ recorded, errors, waitingFor: outage });
    if (outage === null) return outcome;
    if (isLastTry) throw ApplicationFailure.nonRetryable(outage, "unavailable");
    await sleep(OUTAGE_WAITS[failed]!);
  }
}

function describe({ recorded, total, errors, reused, waitingFor, result }: EvaluationStanding): string {
  const lines = [
    `**${recorded}** of ${counted(total, "case run")} have a result${errors > 0 ? `, ${errors} of them an error` : ""}${
      reused > 0 ? `; ${reused} were known before` : ""
    }`,
  ];
  if (waitingFor) lines.push("", `Waiting: ${waitingFor}`);
  if (result) lines.push("", `**${result.verdict}**: ${result.reason}`);
  return lines.join("\n");
}
