import {
  ApplicationFailure,
  condition,
  currentUpdateInfo,
  setHandler,
  type CancellationScope,
} from "@temporalio/workflow";
import { refusalOf } from "./control-rules.ts";
import type { ControlName } from "../src/protocol/names.ts";
import {
  abortUpdate,
  approveUpdate,
  pauseUpdate,
  promoteUpdate,
  rejectUpdate,
  resumeUpdate,
} from "./messages.ts";
import type { ControlRequest, PromotionAnswer } from "../src/protocol/rollout-messages.ts";
import { records } from "./proxies.ts";
import { progressOf, show, type RolloutState } from "./rollout-state.ts";

/** What operators can do to a running rollout. Validators refuse at once; handlers change the state and wake the story. */
export function registerControls(state: RolloutState, story: CancellationScope): void {
  const rule = (control: ControlName) => ({
    validator(request: ControlRequest): void {
      const refusal = refusalOf(control, state, request);
      if (refusal !== undefined) throw conflict(refusal);
    },
  });
  setHandler(
    abortUpdate,
    (request) => {
      state.aborted = request;
      state.ending = "aborted";
      story.cancel();
      return progressOf(state);
    },
    rule("abort"),
  );
  setHandler(
    pauseUpdate,
    async (request) => {
      await setPaused(state, true, request.by);
      return progressOf(state);
    },
    rule("pause"),
  );
  setHandler(
    resumeUpdate,
    async (request) => {
      await setPaused(state, false, request.by);
      return progressOf(state);
    },
    rule("resume"),
  );
  setHandler(promoteUpdate, () => requestPromotion(state), rule("promote"));
  const hint = () => {
    if (state.ending !== null || state.outcome !== null) return progressOf(state);
    state.decisionHints += 1;
    state.watching?.cancel();
    return progressOf(state);
  };
  setHandler(approveUpdate, hint, rule("approve"));
  setHandler(rejectUpdate, hint, rule("reject"));
}

/** Asks the watch for a look of its own, and answers with what it says: a request does not outlive its answer. */
async function requestPromotion(state: RolloutState): Promise<PromotionAnswer> {
  const request = (state.promotion ??= { answer: null });
  state.watching?.cancel();
  await condition(() => request.answer !== null || state.ending !== null);
  if (request.answer === null)
    throw conflict(`the rollout of ${state.input.candidate} is ending: ${state.ending}`);
  return { ...progressOf(state), ...request.answer };
}

/**
 * Pauses or resumes. One after the other, so that the row ends up as the workflow is; a pause holds from the
 * moment it is asked, a resume from when it is stored.
 */
async function setPaused(state: RolloutState, paused: boolean, by: string): Promise<void> {
  const change = state.lastPause.then(async () => {
    if (state.paused === paused) return;
    if (paused) takeEffect(state, true);
    const { rolloutId, candidate } = state.input;
    const { open } = await records.setPaused.executeWithOptions(
      { summary: `${paused ? "pause" : "resume"} by ${by}` },
      [{ rolloutId, paused, by, change: currentUpdateInfo()!.id }],
    );
    if (!open) {
      state.closed = true;
      throw conflict(`the rollout of ${candidate} has ended; see: sluice rollout status`);
    }
    takeEffect(state, paused);
  });
  // What could not be stored has not happened.
  state.lastPause = change.catch(() => takeEffect(state, !paused));
  await change;
}

function takeEffect(state: RolloutState, paused: boolean): void {
  if (state.paused === paused) return;
  state.paused = paused;
  show(state);
  state.watching?.cancel();
}

function conflict(message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, "conflict");
}
