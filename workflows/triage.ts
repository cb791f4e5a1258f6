import {
  ApplicationFailure,
  CancellationScope,
  executeChild,
  ParentClosePolicy,
  setWorkflowOptions,
} from "@temporalio/workflow";
import type { ConcludedTriage, TriageInput } from "../src/protocol/monitor-values.ts";
import { evaluationWorkflowId } from "../src/protocol/names.ts";
import { onceFree } from "./once-free.ts";
import { rootOf } from "./ending.ts";
import { promptEvaluation } from "./evaluation.ts";
import { triages } from "./proxies.ts";

setWorkflowOptions({ failureExceptionTypes: [Error] }, triage);

/**
 * Tells whose doing an alert is: asks what is live, and the version before it, their tests at the same time, and compares.
 * One that fails says so with the alert, and stops nothing that is done by the clock.
 */
export async function triage({ alertId }: TriageInput): Promise<ConcludedTriage> {
  try {
    const open = () => triages.openTriage({ alertId });
    const opened = await open();
    if (!opened.opened) {
      if (opened.isProblem) throw ApplicationFailure.nonRetryable(opened.reason, "invalid_input");
      return { verdict: "none", reason: opened.reason };
    }
    await Promise.all(
      opened.evaluationIds.map((evaluationId, index) =>
        onceFree(
          () =>
            executeChild(promptEvaluation, {
              workflowId: evaluationWorkflowId(evaluationId),
              args: [{ evaluationId, alone: true }],
              staticSummary: `ask again the tests of ${index === 0 ? opened.version : "the version before"}`,
              parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
            }),
          open,
        ),
      ),
    );
    const concluded = await triages.concludeTriage({ alertId });
    if (concluded.verdict === "none") throw ApplicationFailure.nonRetryable(concluded.reason, "unavailable");
    return concluded;
  } catch (error) {
    const reason = rootOf(error).message;
    await CancellationScope.nonCancellable(() => triages.failTriage({ alertId, reason }));
    throw error;
  }
}
