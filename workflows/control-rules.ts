import { type ControlName, OUTCOME_OF } from "../src/protocol/names.ts";
import type { ControlRequest } from "../src/protocol/rollout-messages.ts";
import type { RolloutState } from "./rollout-state.ts";

/** What the rules look at. */
export type ControlledState = Pick<
  RolloutState,
  "input" | "phase" | "stage" | "paused" | "onHold" | "waitingFor" | "ending" | "outcome"
>;

/** Why a rollout refuses a control as it stands; undefined: it takes it. docs/reference/controls.md has the table. */
export function refusalOf(
  control: ControlName,
  state: ControlledState,
  request: Pick<ControlRequest, "rolloutId">,
): string | undefined {
  const { rolloutId, candidate } = state.input;
  if (request.rolloutId !== undefined && request.rolloutId !== rolloutId)
    return `rollout ${request.rolloutId} does not run here; rollout ${rolloutId} of ${candidate} does`;
  // The table is read without being told of it too: what a decision has brought about is no reason to refuse it.
  if (isDecision(control) && (state.ending ?? state.outcome) === OUTCOME_OF[control]) return undefined;
  if (state.outcome !== null) return `the rollout of ${candidate} has ended: ${state.outcome}`;
  if (state.ending !== null) return `the rollout of ${candidate} is ending: ${state.ending}`;
  switch (control) {
    case "abort":
      return cannotAbort(state);
    case "pause":
      return cannotPause(state);
    case "promote":
      return cannotPromote(state);
    case "resume":
    case "approve":
    case "reject":
      // Resuming what is not paused changes nothing, and a decision is the table's: here it is only a hint.
      return undefined;
  }
}

function isDecision(control: ControlName): control is keyof typeof OUTCOME_OF {
  return control in OUTCOME_OF;
}

function cannotAbort({ phase, input }: ControlledState): string | undefined {
  return phase === "promoting"
    ? `${input.candidate} is being promoted; take it back with: sluice rollback`
    : undefined;
}

function cannotPause({ phase, input }: ControlledState): string | undefined {
  if (phase === "promoting")
    return `${input.candidate} is being promoted; take it back with: sluice rollback`;
  return phase === "watching"
    ? `${input.candidate} is promoted: there is nothing left to pause. Take it back with: sluice rollback`
    : undefined;
}

function cannotPromote(state: ControlledState): string | undefined {
  const { phase, stage, paused, onHold, waitingFor, input } = state;
  const { candidate } = input;
  if (phase === "promoting") return `${candidate} is being promoted`;
  if (phase === "watching") return `${candidate} is promoted already`;
  if (phase === "awaiting_approval" && !onHold) return `${candidate} waits for ${waitingFor}`;
  if (stage === 0) return `${candidate} is in phase ${phase}: only a canary can be promoted early`;
  if (paused) return `the rollout of ${candidate} is paused: resume it first (sluice rollout resume)`;
  return undefined;
}
