import { ApplicationFailure, isCancellation, type CancellationScope } from "@temporalio/workflow";
import type { Outcome } from "../src/domain/rollout/rollout.ts";
import type { RolloutState } from "./rollout-state.ts";

/** How a rollout ends, before its pointer and its row are brought there. */
export interface Ending {
  readonly outcome: Outcome;
  readonly reason: string;
  /** The pointer and the rollout's row are as they should be already. */
  readonly settled?: boolean;
  /** What was left undone, and why. */
  readonly undone?: {
    readonly operation: string;
    readonly code: string;
    /** How often the step was tried that failed in the end; absent for a move that was refused, which is not tried again. */
    readonly attempts?: number;
  };
}

/** What was written wrongly stays wrong, however often it is tried: it is a no, not a part that broke. */
const MISTAKES = new Set(["invalid_input", "gate_failed"]);

/** The ending that an error in the story stands for. Whatever a step that was under way says, an abort is an abort. */
export function endingOf(state: RolloutState, story: CancellationScope, error: unknown): Ending {
  if (state.aborted || story.consideredCancelled || isCancellation(error)) return abortedEnding(state);
  const { message, code, attempts } = rootOf(error);
  if (MISTAKES.has(code))
    return { outcome: "rejected", reason: state.phase === "evaluating" ? `gate: ${message}` : message };
  return {
    outcome: "failed",
    reason: message,
    undone: { operation: `rollout:${state.phase}`, code, attempts },
  };
}

export function abortedEnding({ aborted }: RolloutState): Ending {
  return {
    outcome: "aborted",
    reason: aborted
      ? `aborted by ${aborted.by}: ${aborted.reason ?? "no reason given"}`
      : "cancelled in Temporal",
  };
}

/** What went wrong, out of the failures of activity and child that wrap it: our own message and code, at which attempt. */
export function rootOf(error: unknown): {
  readonly message: string;
  readonly code: string;
  readonly attempts: number;
} {
  let cause = error as Error;
  while (!(cause instanceof ApplicationFailure) && cause.cause instanceof Error) cause = cause.cause;
  const told = cause instanceof ApplicationFailure ? (cause.details?.[1] as { attempt?: number }) : undefined;
  return {
    message: cause.message,
    code: cause instanceof ApplicationFailure ? (cause.type ?? "internal") : "internal",
    attempts: told?.attempt ?? 1,
  };
}
