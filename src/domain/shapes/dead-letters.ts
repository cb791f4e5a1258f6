import type { Rights } from "./rights.ts";
import type { StartedRollout } from "./rollouts.ts";

/** Why it could not be done: the newest failure, how often it was tried in all, and what came before. */
export interface LetterError {
  readonly code: string;
  readonly message: string;
  /** When it was tried last; absent where that was when the letter was filed. */
  readonly at?: string;
  /** Absent in letters of before they were counted. */
  readonly attempts?: number;
  /** Failures of before, the newest last; at most ten. */
  readonly earlier?: readonly { readonly at: string; readonly code: string; readonly message: string }[];
}

export interface DeadLetterRow {
  readonly id: string;
  readonly operationId: string;
  /** What could not be done, for example `notify`. */
  readonly operation: string;
  readonly prompt: string | null;
  readonly rolloutId: string | null;
  /** What it takes to do it again, and in `state` what the rollout and its pointer showed when it was given up. */
  readonly payload: Readonly<Record<string, unknown>>;
  readonly error: LetterError;
  readonly status: "open" | "redriven" | "discarded";
  readonly createdAt: string;
  readonly resolvedAt: string | null;
  readonly resolvedBy: string | null;
  readonly resolution: string | null;
}

export const LETTER_ACTS = ["redrive", "discard"] as const;
export type LetterAct = (typeof LETTER_ACTS)[number];

/** One as a server gives it to whoever asks. */
export interface ShownLetter extends DeadLetterRow {
  readonly can: Rights<LetterAct>;
}

export interface Redriven {
  readonly letter: DeadLetterRow;
  /** What was done, in one sentence. */
  readonly resolution: string;
  /** The rollout that does the work again, where it takes one. */
  readonly rollout: StartedRollout | null;
  /** True when it had been dealt with before: nothing was done now. */
  readonly already: boolean;
}
