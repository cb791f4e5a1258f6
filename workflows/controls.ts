import { ApplicationFailure, setHandler, type CancellationScope } from "@temporalio/workflow";
import {
  abortUpdate,
  approveUpdate,
  pauseUpdate,
  promoteUpdate,
  rejectUpdate,
  resumeUpdate,
  type PersonsWord,
} from "./messages.ts";
import { records } from "./proxies.ts";
import { progressOf, show, type RolloutState } from "./rollout-state.ts";

/** What people can do to a running rollout. Validators refuse at once; handlers change the state and wake the story. */
export function registerControls(state: RolloutState, story: CancellationScope): void {
  setHandler(
    abortUpdate,
    (word) => {
      state.aborted = word;
      story.cancel();
      return progressOf(state);
    },
    {
      validator: (_word: PersonsWord) => {
        refuseWhenOver(state);
        if (state.phase === "promoting")
          throw conflict(`${state.input.candidate} is being promoted; take it back with: sluice rollback`);
      },
    },
  );
  setHandler(
    pauseUpdate,
    async (word) => {
      await setPaused(state, true, word.by);
      return progressOf(state);
    },
    { validator: (_word: PersonsWord) => refuseWhenOver(state) },
  );
  setHandler(
    resumeUpdate,
    async (word) => {
      await setPaused(state, false, word.by);
      return progressOf(state);
    },
    { validator: (_word: PersonsWord) => refuseWhenOver(state) },
  );
  setHandler(
    promoteUpdate,
    () => {
      state.promoteNow = true;
      state.watching?.cancel();
      return progressOf(state);
    },
    {
      validator: (_word: PersonsWord) => {
        refuseWhenOver(state);
        if (state.stage === 0 || state.phase === "promoting" || state.phase === "watching")
          throw conflict(
            `${state.input.candidate} is in phase ${state.phase}: only a canary can be promoted early`,
          );
      },
    },
  );
  const hint = () => {
    state.decisionHints += 1;
    state.watching?.cancel();
    return progressOf(state);
  };
  setHandler(approveUpdate, hint, { validator: (_word: PersonsWord) => refuseWhenOver(state) });
  setHandler(rejectUpdate, hint, { validator: (_word: PersonsWord) => refuseWhenOver(state) });
}

async function setPaused(state: RolloutState, paused: boolean, by: string): Promise<void> {
  if (state.paused === paused) return;
  state.paused = paused;
  show(state);
  state.watching?.cancel();
  await records.setPhase.executeWithOptions({ summary: `${paused ? "pause" : "resume"} by ${by}` }, [
    { rolloutId: state.input.rolloutId, paused, by },
  ]);
}

function refuseWhenOver(state: RolloutState): void {
  if (state.outcome !== null || state.phase === "rolling_back")
    throw conflict(`the rollout of ${state.input.candidate} has ended: ${state.outcome ?? "rolling back"}`);
}

function conflict(message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, "conflict");
}
