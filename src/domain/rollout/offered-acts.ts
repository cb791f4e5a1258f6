import type { Outcome, Phase, WaitingFor } from "./rollout.ts";

/** What somebody can want of a rollout, or of what it has left behind. */
export const ROLLOUT_ACTS = [
  "approve",
  "reject",
  "pause",
  "resume",
  "promote",
  "abort",
  "rollBack",
  "improve",
  "startAgain",
] as const;
export type RolloutAct = (typeof ROLLOUT_ACTS)[number];

/** Where a rollout stands, as far as acts go by it. */
export interface ActedOn {
  readonly phase: Phase;
  readonly outcome: Outcome | null;
  /** 1-based canary stage, 0 before the canary. */
  readonly stage: number;
  readonly paused: boolean;
  readonly waitingFor: WaitingFor | null;
  /** A version that everybody could get again. */
  readonly baseline: string | null;
}

/** Why an act is not for a rollout as it stands; undefined: it is. Who may do it is another question. */
export function notOffered(act: RolloutAct, rollout: ActedOn): string | undefined {
  const { outcome, phase, paused, waitingFor } = rollout;
  switch (act) {
    case "approve":
    case "reject":
      if (outcome !== null) return ended(outcome);
      return waitingFor === "canary" || waitingFor === "promote" ? undefined : "it waits for no approval";
    case "pause":
      return inCanary(rollout) ?? (paused ? "it is paused already" : undefined);
    case "resume":
      return inCanary(rollout) ?? (paused ? undefined : "it is not paused");
    case "promote":
      return inCanary(rollout) ?? (paused ? "it is paused: let it go on first" : undefined);
    case "abort":
      if (outcome !== null) return ended(outcome);
      return phase === "promoting" || phase === "watching" || phase === "rolling_back"
        ? "it is past what can be stopped"
        : undefined;
    case "rollBack":
      return rollout.baseline === null ? "there was nothing live before it" : served(rollout);
    case "improve":
      if (outcome === null) return "it has not ended";
      return outcome === "promoted" ? "it was released" : undefined;
    case "startAgain":
      if (outcome === null) return "it has not ended";
      return outcome === "failed" || outcome === "inconclusive" || outcome === "superseded"
        ? undefined
        : "its ending was a decision";
  }
}

function ended(outcome: Outcome): string {
  return `it has ended: ${outcome.replaceAll("_", " ")}`;
}

function inCanary({ outcome, phase, stage, waitingFor }: ActedOn): string | undefined {
  if (outcome !== null) return ended(outcome);
  if (phase !== "canary" && waitingFor !== "operator")
    return `it is in the phase ${phase.replaceAll("_", " ")}`;
  return stage === 0 ? "its canary is being opened" : undefined;
}

/** Whether users get the version by this rollout, or have got it by its promotion. */
function served({ phase, outcome, stage }: ActedOn): string | undefined {
  if (outcome === "promoted" || phase === "watching") return undefined;
  if (outcome !== null) return ended(outcome);
  return phase === "canary" && stage > 0 ? undefined : "no user has it";
}
