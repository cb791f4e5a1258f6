import type { Outcome, RolloutStatus } from "../rollout/rollout.ts";

/** A rollout in a list: what its status says, without the evidence. */
export type ListedRollout = Pick<
  RolloutStatus,
  | "rolloutId"
  | "prompt"
  | "label"
  | "model"
  | "tenant"
  | "candidate"
  | "baseline"
  | "phase"
  | "outcome"
  | "reason"
  | "stage"
  | "share"
  | "paused"
  | "startedAt"
  | "endedAt"
  | "startedBy"
>;

/** What a start is answered with. */
export interface StartReceipt {
  readonly rolloutId: string;
  readonly workflowId: string;
  /** Null where somebody ended the rollout before its workflow was started. */
  readonly runId: string | null;
  /** `support-reply@2`. */
  readonly candidate: string;
  readonly requestId: string;
}

export interface StartedRollout extends StartReceipt {
  /** True when an identical rollout was running, or this very request had been made before. */
  readonly joined: boolean;
  /** What the cases of its gate can show at most; null without a gate or a baseline. */
  readonly gate: string | null;
}

export interface StartedInTurn extends StartedRollout {
  /** The rollout that was ended for it. */
  readonly replaced: string | null;
  /** Why its policy cannot conclude, as far as is known; empty where it can. */
  readonly warnings: readonly string[];
  /** Its workflow's page in Temporal; null where no UI is known. */
  readonly uiUrl: string | null;
}

/** What `rollout start --json` prints. */
export interface StartAnswer extends StartedInTurn {
  /** It waits for a releaser before any user gets it: whoever started it may only ask. */
  readonly needsApproval: boolean;
}

export interface AbortedRollout {
  /** Null while its workflow takes it back, which it has acknowledged. */
  readonly outcome: Outcome | null;
  readonly reason: string;
}

/** What `rollout abort --json` prints. */
export interface AbortAnswer extends AbortedRollout {
  readonly rolloutId: string;
  readonly candidate: string;
}

/**
 * By what approvals are told apart: the login that Postgres saw, or the name that somebody gave. Whoever has proven who
 * they are is known by that name either way, and is the only one who counts where it is `proven`.
 */
export type CountedBy = "login" | "asserted" | "proven";

export interface StandingDecision {
  readonly decision: "approved" | "rejected" | "waiting";
  readonly reason: string;
  readonly approvedBy: readonly string[];
  readonly countedBy: CountedBy;
}

export interface Decided extends StandingDecision {
  readonly rolloutId: string;
  readonly workflowId: string;
  readonly candidate: string;
  readonly point: "canary" | "promote";
  /** False when this operator had decided the same before. */
  readonly recorded: boolean;
  /** The login that Postgres saw. */
  readonly login: string;
  /** False for a second approval that does not count: its login had approved under another name. */
  readonly counts: boolean;
}
