import { counted } from "../src/domain/text/counted.ts";
import {
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  ChildWorkflowCancellationType,
  condition,
  executeChild,
  ParentClosePolicy,
  setHandler,
  setWorkflowOptions,
  workflowInfo,
} from "@temporalio/workflow";
import type { BegunRollout } from "../src/protocol/activity-values.ts";
import { gateReason } from "../src/domain/rollout/rollout.ts";
import { awaitApproval } from "./approval.ts";
import { runCanary, untilResumed, watchUntilDecided, watchWhilePaused } from "./canary.ts";
import { conclude } from "./conclude.ts";
import { registerControls } from "./controls.ts";
import { abortedEnding, endingOf, type Ending } from "./ending.ts";
import { evaluationWorkflowId } from "../src/protocol/names.ts";
import { promptEvaluation } from "./evaluation.ts";
import { progressQuery, startUpdate } from "./messages.ts";
import type { RolloutInput } from "../src/protocol/activity-values.ts";
import type { RolloutResult, StartReceipt } from "../src/protocol/rollout-messages.ts";
import { pointers, evaluationRecords, records } from "./proxies.ts";
import { newState, progressOf, show, type RolloutState } from "./rollout-state.ts";

setWorkflowOptions({ failureExceptionTypes: [Error] }, promptRollout);

/**
 * One rollout: gate, approval, canary, verdict, promotion or the way back, watch. Whatever happens on the
 * way, it ends with one outcome, and unless that is `promoted` with all traffic on the baseline.
 */
export async function promptRollout(input: RolloutInput): Promise<RolloutResult> {
  const state = newState(input);
  const story = new CancellationScope();
  setHandler(progressQuery, () => progressOf(state));
  setHandler(startUpdate, () => receiptOf(state), {
    validator: (requested) => refuseOther(state, requested),
  });
  registerControls(state, story);

  let end: Ending;
  try {
    end = await story.run(() => rollOut(state));
  } catch (error) {
    end = endingOf(state, story, error);
  }
  // Decided in the moment in which somebody aborted it: the abort was acknowledged, so it counts.
  if (state.aborted && !end.settled) end = abortedEnding(state);
  // From here on nothing can cancel: the traffic goes to where it belongs, however long Postgres is unreachable.
  const result = await CancellationScope.nonCancellable(() => conclude(state, end));
  await condition(allHandlersFinished);
  return result;
}

/** Refused here, a request is not remembered: the same one may be asked again, and find another rollout. */
function refuseOther({ input, outcome, ending }: RolloutState, requested: RolloutInput): void {
  const end = outcome ?? ending;
  const isOther =
    requested.candidateVersion !== input.candidateVersion || requested.policySha256 !== input.policySha256;
  if (end === null && !isOther) return;
  throw ApplicationFailure.nonRetryable(
    end === null
      ? `a rollout of ${input.candidate} is running (${input.rolloutId})`
      : `the rollout of ${input.candidate} is over: ${end}`,
    "conflict",
    { rolloutId: input.rolloutId, candidate: input.candidate },
  );
}

function receiptOf({ input }: RolloutState): StartReceipt {
  const { workflowId, runId } = workflowInfo();
  const { rolloutId, candidate, requestId } = input;
  return { rolloutId, workflowId, runId, candidate, requestId };
}

/** The story, read top to bottom. */
async function rollOut(state: RolloutState): Promise<Ending> {
  const { input } = state;
  const begun = await records.beginRollout.executeWithOptions({ summary: `begin ${input.candidate}` }, [
    { ...input, runId: workflowInfo().runId },
  ]);
  if (!begun.begun) return { outcome: begun.outcome, reason: begun.reason, settled: true };
  state.baseline = begun.baseline;
  state.stages = begun.stages;
  state.notifies = begun.notifies;
  state.watchHeartbeatMs = begun.watchHeartbeatMs;

  if (begun.hasGate) {
    const rejected = await passGate(state, begun);
    if (rejected) return rejected;
  }
  if (begun.baseline === null) return promoteUncompared(state, begun, "first_version");
  if (begun.isGateAlone) return promoteUncompared(state, begun, `the gate alone decides: ${state.gate}`);

  if (begun.approveBefore.includes("canary")) {
    const approval = await awaitApproval(state, begun, "canary");
    if (!approval.approved) return approval;
  }
  const canary = await runCanary(state, begun);
  if (!canary.promote) return canary;

  if (begun.approveBefore.includes("promote")) {
    const approval = await awaitApproval(state, begun, "promote");
    if (!approval.approved) return approval;
  }
  const ended = await watchWhilePaused(state, begun);
  return ended ?? promote(state, begun, canary.reason);
}

type Begun = Extract<BegunRollout, { begun: true }>;

async function passGate(state: RolloutState, plan: Begun): Promise<Ending | undefined> {
  const { rolloutId, candidate } = state.input;
  show(state, "evaluating");
  await records.setPhase.executeWithOptions({ summary: "evaluating" }, [{ rolloutId, phase: "evaluating" }]);
  const evaluation = await evaluationRecords.openGateEvaluation.executeWithOptions(
    { summary: `open the evaluation of ${candidate}` },
    [{ rolloutId }],
  );
  const gate = await executeChild(promptEvaluation, {
    workflowId: evaluationWorkflowId(rolloutId),
    args: [evaluation],
    staticSummary: `evaluate ${candidate} against ${plan.baseline ?? "the dataset alone"}`,
    workflowTaskTimeout: "2s",
    // An abort moves the pointer at once and does not wait for calls under way.
    cancellationType: ChildWorkflowCancellationType.TRY_CANCEL,
    parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
  });
  state.gate = `${gate.verdict}, ${counted(gate.cases, "case")}: ${gate.reason}`;
  state.findings = gate.findings ?? [];
  show(state);
  if (gate.verdict === "pass") return undefined;
  // Only what looks fine may be looked at closer in a canary: neither what looks worse nor what gave no
  // answers is one for users, whatever the policy says.
  const goesOn =
    gate.verdict === "insufficient" &&
    gate.looks === "fine" &&
    plan.onInsufficient === "canary" &&
    plan.baseline !== null;
  return goesOn ? undefined : { outcome: "rejected", reason: gateReason(gate) };
}

/** A promotion on the gate alone. There is no canary to approve, so an approval before it is one before promotion. */
async function promoteUncompared(state: RolloutState, plan: Begun, reason: string): Promise<Ending> {
  if (plan.approveBefore.length > 0) {
    const approval = await awaitApproval(state, plan, "promote");
    if (!approval.approved) return approval;
  }
  await untilResumed(state);
  return promote(state, plan, reason);
}

async function promote(state: RolloutState, plan: Begun, reason: string): Promise<Ending> {
  const { rolloutId, candidate } = state.input;
  show(state, "promoting");
  await records.setPhase.executeWithOptions({ summary: "promoting" }, [{ rolloutId, phase: "promoting" }]);
  const epoch = state.epoch + 1;
  const promoted = await pointers.promote.executeWithOptions({ summary: `promote ${candidate}` }, [
    { rolloutId, reason, epoch },
  ]);
  if (!promoted.moved) {
    if (promoted.refusal === "superseded") return { outcome: "superseded", reason: promoted.message };
    return {
      outcome: "failed",
      reason: `promotion refused: ${promoted.message}`,
      undone: { operation: "promote", code: promoted.refusal },
    };
  }
  state.epoch = epoch;
  if (plan.watchForMs === null || plan.baseline === null)
    return { outcome: "promoted", reason, settled: true };
  return watchAfterPromotion(state, plan.watchForMs, reason);
}

/** A matched slice stays on the previous version for a while, so that harm can still be seen and undone. */
async function watchAfterPromotion(state: RolloutState, forMs: number, reason: string): Promise<Ending> {
  show(state, "watching");
  const until = Date.now() + forMs;
  const watched = await watchUntilDecided(state, { frozen: false, until }, "holdback");
  switch (watched.verdict) {
    case "deadline":
      return { outcome: "promoted", reason };
    case "superseded":
      return { outcome: "superseded", reason: watched.reason };
    default:
      // Also what nobody can vouch for any more, such as a version that has fallen silent.
      return { outcome: "rolled_back", reason: `after promotion: ${watched.reason}` };
  }
}
