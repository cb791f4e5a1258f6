import {
  CancellationScope,
  ChildWorkflowCancellationType,
  ContinueAsNew,
  continueAsNew,
  executeChild,
  isCancellation,
  ParentClosePolicy,
  setWorkflowOptions,
  sleep,
  workflowInfo,
} from "@temporalio/workflow";
import type {
  DependantStep,
  DependantToMake,
  PlannedDependant,
  PropagationInput,
} from "../src/protocol/activity-values.ts";
import { dependantWorkflowId, evaluationWorkflowId } from "../src/protocol/names.ts";
import { onceFree } from "./once-free.ts";
import { rootOf } from "./ending.ts";
import { promptEvaluation } from "./evaluation.ts";
import { propagations } from "./proxies.ts";
import { FIRST_WAIT_MS, longerWait } from "./waits.ts";

setWorkflowOptions({ failureExceptionTypes: [Error] }, propagateInclude);
setWorkflowOptions({ failureExceptionTypes: [Error] }, propagateDependant);

/** Dependants that are made, tested and rolled out at the same time. */
const AT_ONCE = 3;

/**
 * Takes a version to what includes its prompt: each dependant by a workflow of its own, after those that it includes
 * itself. What is true is in Postgres, so one that is started again goes on where the last one was.
 */
export async function propagateInclude({ propagationId, version }: PropagationInput): Promise<void> {
  let reason = "";
  try {
    const { steps } = await propagations.planPropagation.executeWithOptions({ summary: `plan ${version}` }, [
      { propagationId },
    ]);
    await runAll(propagationId, steps);
  } catch (error) {
    reason = isCancellation(error) ? "cancelled in Temporal" : rootOf(error).message;
    throw error;
  } finally {
    await CancellationScope.nonCancellable(() =>
      propagations.endPropagation.executeWithOptions({ summary: "end" }, [{ propagationId, reason }]),
    );
  }
}

async function runAll(propagationId: string, steps: readonly PlannedDependant[]): Promise<void> {
  const ends = new Map<string, Promise<void>>();
  const left = [...steps];
  const lane = async () => {
    for (let step = left.shift(); step !== undefined; step = left.shift()) {
      const { prompt, needs } = step;
      const end = Promise.all(needs.map((one) => ends.get(one)!)).then(() =>
        runOne({ propagationId, prompt }),
      );
      ends.set(prompt, end);
      await end;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
}

/** What has become of it is in its row: one that was stopped from outside keeps only those from it that include it. */
async function runOne(dependant: DependantToMake): Promise<void> {
  const { propagationId, prompt } = dependant;
  try {
    await onceFree(() =>
      executeChild(propagateDependant, {
        workflowId: dependantWorkflowId(propagationId, prompt),
        args: [dependant],
        staticSummary: `${prompt} anew`,
        workflowTaskTimeout: "2s",
        cancellationType: ChildWorkflowCancellationType.TRY_CANCEL,
        parentClosePolicy: ParentClosePolicy.TERMINATE,
      }),
    );
  } catch (error) {
    if (CancellationScope.current().consideredCancelled) throw error;
  }
}

/** One dependant: made anew, then its gate, or its rollout until it is live. */
export async function propagateDependant(dependant: DependantToMake): Promise<DependantStep> {
  const { prompt } = dependant;
  try {
    const begin = () =>
      propagations.beginDependant.executeWithOptions({ summary: `make ${prompt}` }, [dependant]);
    let step = await begin();
    if (step.evaluationId !== null) await passGate(step.evaluationId, begin);
    for (let waitMs = FIRST_WAIT_MS; !step.done; waitMs = longerWait(waitMs)) {
      step = await propagations.lookAtDependant.executeWithOptions({ summary: `look at ${prompt}` }, [
        dependant,
      ]);
      if (step.done) break;
      if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof propagateDependant>(dependant);
      await sleep(waitMs);
    }
    return step;
  } catch (error) {
    if (isCancellation(error) || error instanceof ContinueAsNew) throw error;
    await propagations.failDependant.executeWithOptions({ summary: "keep why" }, [
      { ...dependant, reason: rootOf(error).message },
    ]);
    throw error;
  }
}

/** Why it came to no verdict, being stopped by itself for one, is kept with the evaluation. */
async function passGate(evaluationId: string, reopen: () => Promise<unknown>): Promise<void> {
  const evaluate = () =>
    executeChild(promptEvaluation, {
      workflowId: evaluationWorkflowId(evaluationId),
      args: [{ evaluationId, alone: true }],
      workflowTaskTimeout: "2s",
      parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
    });
  try {
    await onceFree(evaluate, reopen);
  } catch (error) {
    if (CancellationScope.current().consideredCancelled) throw error;
  }
}
