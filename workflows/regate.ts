import {
  ApplicationFailure,
  CancellationScope,
  executeChild,
  ParentClosePolicy,
  setWorkflowOptions,
  workflowInfo,
} from "@temporalio/workflow";
import type { ConcludedRegate, RegateInput } from "../src/protocol/monitor-values.ts";
import { evaluationWorkflowId } from "../src/protocol/names.ts";
import { rootOf } from "./ending.ts";
import { promptEvaluation } from "./evaluation.ts";
import { regates } from "./proxies.ts";

setWorkflowOptions({ failureExceptionTypes: [Error] }, regate);

/**
 * Asks the version that is live its golden set again, and compares with what it answered before. A schedule of the
 * monitor's own runs it, and is paused when it fails: what went wrong once would be paid for again each day.
 */
export async function regate({ monitorId }: RegateInput): Promise<ConcludedRegate> {
  let evaluationId: string | null = null;
  try {
    const begun = await regates.beginRegate({ monitorId, runId: workflowInfo().runId });
    if (!begun.begun) {
      if (begun.isProblem) throw ApplicationFailure.nonRetryable(begun.reason, "invalid_input");
      return { verdict: "none", cases: 0, reason: begun.reason };
    }
    ({ evaluationId } = begun);
    await executeChild(promptEvaluation, {
      workflowId: evaluationWorkflowId(evaluationId),
      args: [{ evaluationId, alone: true }],
      staticSummary: `ask again the tests of ${begun.version}`,
      parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
    });
    const concluded = await regates.concludeRegate({ evaluationId });
    if (concluded.verdict === "none") throw ApplicationFailure.nonRetryable(concluded.reason, "unavailable");
    return concluded;
  } catch (error) {
    const reason = rootOf(error).message;
    await CancellationScope.nonCancellable(() => regates.failRegate({ monitorId, evaluationId, reason }));
    throw error;
  }
}
