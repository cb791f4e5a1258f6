import {
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  ChildWorkflowCancellationType,
  condition,
  executeChild,
  isCancellation,
  ParentClosePolicy,
  setHandler,
  setWorkflowOptions,
  workflowInfo,
} from "@temporalio/workflow";
import type { BegunRollout } from "../activities/types.ts";
import { gateReason, type Outcome } from "../src/domain/rollout.ts";
import { awaitApproval } from "./approval.ts";
import { runCanary, watchUntilDecided } from "./canary.ts";
import { registerControls } from "./controls.ts";
import { promptEvaluation } from "./evaluation.ts";
import { progressQuery, startUpdate, type RolloutInput, type RolloutResult } from "./messages.ts";
import { evaluationRecords, notifications, pointers, records } from "./proxies.ts";
import { newState, progressOf, show, showOutcome, type RolloutState } from "./rollout-state.ts";

setWorkflowOptions({ failureExceptionTypes: [Error] }, promptRollout);

/**
 * One rollout: gate, approval, canary, verdict, promotion or the way back, watch. Whatever happens on the
 * way, it ends with one outcome, and unless that is `promoted` with all traffic on the baseline.
 */
export async function promptRollout(input: RolloutInput): Promise<RolloutResult> {
  const state = newState(input);
  const story = new CancellationScope();
  setHandler(progressQuery, () => progressOf(state));
  setHandler(startUpdate, (asked) => receiptFor(state, asked));
  registerControls(state, story);

  let end: Ending;
  try {
    end = await story.run(() => tell(state));
  } catch (error) {
    end = endingOf(state, error);
  }
  // From here on nothing can cancel: the traffic goes to where it belongs, however long Postgres is away.
  const result = await CancellationScope.nonCancellable(() => conclude(state, end));
  await condition(allHandlersFinished);
  return result;
}

interface Ending {
  readonly outcome: Outcome;
  readonly reason: string;
  /** The pointer and the rollout's row are as they should be already. */
  readonly settled?: boolean;
  /** What was left undone, and why. */
  readonly undone?: { readonly operation: string; readonly code: string };
}

function receiptFor(state: RolloutState, asked: RolloutInput) {
  const { input } = state;
  if (asked.candidateVersion !== input.candidateVersion || asked.policySha256 !== input.policySha256)
    throw ApplicationFailure.nonRetryable(
      asked.candidateVersion === input.candidateVersion
        ? `a rollout of ${input.candidate} with another policy is running (${input.rolloutId})`
        : `a rollout of ${input.candidate} is running (${input.rolloutId})`,
      "conflict",
      { rolloutId: input.rolloutId, candidate: input.candidate },
    );
  const { workflowId, runId } = workflowInfo();
  return {
    rolloutId: input.rolloutId,
    workflowId,
    runId,
    candidate: input.candidate,
    requestId: input.requestId,
  };
}

/** The story, read top to bottom. */
async function tell(state: RolloutState): Promise<Ending> {
  const { input } = state;
  const begun = await records.beginRollout.executeWithOptions({ summary: `begin ${input.candidate}` }, [
    { ...input, runId: workflowInfo().runId },
  ]);
  if (!begun.begun) return { outcome: begun.outcome, reason: begun.reason, settled: true };
  state.baseline = begun.baseline;
  state.stages = begun.stages;
  state.notifies = begun.notifies;

  if (begun.hasGate) {
    const rejected = await passGate(state, begun);
    if (rejected) return rejected;
  }
  if (begun.baseline === null) return promote(state, begun, "first_version");

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
  return promote(state, begun, canary.reason);
}

type Begun = Extract<BegunRollout, { begun: true }>;

async function passGate(state: RolloutState, plan: Begun): Promise<Ending | undefined> {
  const { rolloutId, candidate } = state.input;
  await records.setPhase.executeWithOptions({ summary: "evaluating" }, [{ rolloutId, phase: "evaluating" }]);
  show(state, "evaluating");
  const evaluation = await evaluationRecords.openGateEvaluation.executeWithOptions(
    { summary: `open the evaluation of ${candidate}` },
    [{ rolloutId }],
  );
  const gate = await executeChild(promptEvaluation, {
    workflowId: `evaluation:${rolloutId}`,
    args: [evaluation],
    staticSummary: `evaluate ${candidate} against ${plan.baseline ?? "the dataset alone"}`,
    workflowTaskTimeout: "2s",
    // An abort moves the pointer at once and does not wait for calls under way.
    cancellationType: ChildWorkflowCancellationType.TRY_CANCEL,
    parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
  });
  state.gate = `${gate.verdict}, ${gate.cases} cases: ${gate.reason}`;
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

async function promote(state: RolloutState, plan: Begun, reason: string): Promise<Ending> {
  const { rolloutId, candidate } = state.input;
  await records.setPhase.executeWithOptions({ summary: "promoting" }, [{ rolloutId, phase: "promoting" }]);
  show(state, "promoting");
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
  const watched = await watchUntilDecided(
    state,
    state.stages.length - 1,
    { frozen: false, until },
    "holdback",
  );
  if (watched.verdict === "harm" || watched.verdict === "fuse")
    return { outcome: "rolled_back", reason: `after promotion: ${watched.reason}` };
  if (watched.verdict === "superseded") return { outcome: "superseded", reason: watched.reason };
  return { outcome: "promoted", reason };
}

function endingOf(state: RolloutState, error: unknown): Ending {
  if (isCancellation(error)) {
    const word = state.aborted;
    return {
      outcome: "aborted",
      reason: word ? `aborted by ${word.by}: ${word.reason ?? "no reason given"}` : "cancelled in Temporal",
    };
  }
  const { message, code } = innermost(error);
  return { outcome: "failed", reason: message, undone: { operation: `rollout:${state.phase}`, code } };
}

async function conclude(state: RolloutState, end: Ending): Promise<RolloutResult> {
  const { rolloutId, candidate } = state.input;
  let { outcome, reason } = end;
  if (!end.settled) {
    if (outcome !== "promoted") show(state, "rolling_back");
    try {
      ({ outcome, reason } = await pointers.endRollout.executeWithOptions(
        { summary: outcome === "promoted" ? "end the holdback" : `all traffic to the baseline: ${outcome}` },
        [{ rolloutId, outcome, reason }],
      ));
    } catch (error) {
      // Postgres refused for good. The lease is not renewed any more, so the candidate comes off by itself.
      const { message, code } = innermost(error);
      outcome = "failed";
      reason = `the rollout could not be ended (${message}); resolvers take the candidate off when its lease runs out`;
      await deadLetter(rolloutId, "end_rollout", code, message);
    }
  }
  if (end.undone) await deadLetter(rolloutId, end.undone.operation, end.undone.code, end.reason);
  showOutcome(state, outcome, reason);
  if (state.notifies) await tellPeople(state, outcome);
  return { rolloutId, outcome, reason, candidate };
}

async function tellPeople(state: RolloutState, outcome: Outcome): Promise<void> {
  const { rolloutId } = state.input;
  try {
    await notifications.notify.executeWithOptions({ summary: `tell: ${outcome}` }, [{ rolloutId }]);
  } catch (error) {
    const { message, code } = innermost(error);
    await deadLetter(rolloutId, "notify", code, message);
  }
}

/** An activity's failure wraps what went wrong; the innermost message is the one a person needs. */
function innermost(error: unknown): { message: string; code: string } {
  let cause = error as Error;
  while (cause.cause instanceof Error) cause = cause.cause;
  return {
    message: cause.message,
    code: cause instanceof ApplicationFailure ? (cause.type ?? "internal") : "internal",
  };
}

async function deadLetter(
  rolloutId: string,
  operation: string,
  code: string,
  message: string,
): Promise<void> {
  await records.fileDeadLetter.executeWithOptions({ summary: `dead letter: ${operation}` }, [
    { rolloutId, operation, code, message },
  ]);
}
