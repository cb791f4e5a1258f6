import type { Outcome, Phase } from "../domain/rollout/rollout.ts";
import type { GateResult } from "./activity-values.ts";

export interface StartReceipt {
  readonly rolloutId: string;
  readonly workflowId: string;
  readonly runId: string;
  readonly candidate: string;
  readonly requestId: string;
}

export interface RolloutResult {
  readonly rolloutId: string;
  readonly outcome: Outcome;
  readonly reason: string;
  readonly candidate: string;
}

export interface RolloutProgress {
  readonly rolloutId: string;
  readonly candidate: string;
  readonly phase: Phase;
  readonly stage: number;
  readonly paused: boolean;
  readonly waitingFor: string | null;
  readonly verdict: string | null;
  readonly reason: string | null;
}

/** What an operator asks of a running rollout. */
export interface ControlRequest {
  readonly by: string;
  readonly reason?: string;
  /** Which rollout is meant: another one that runs under the same id refuses. Any when absent. */
  readonly rolloutId?: string;
}

/** What became of asking for a promotion. */
export interface PromotionAnswer extends RolloutProgress {
  /** Nothing shows harm, and there is enough to see it: what is left is an approval, where the policy asks for one. */
  readonly granted: boolean;
  /** What is missing, when it was not granted. */
  readonly missing: string | null;
}

export interface EvaluationStanding {
  readonly evaluationId: string;
  /** Case runs with a result, and all there are. */
  readonly recorded: number;
  readonly total: number;
  readonly errors: number;
  /** Results that were reused from earlier evaluations. */
  readonly reused: number;
  readonly waitingFor: string | null;
  readonly result: GateResult | null;
}
