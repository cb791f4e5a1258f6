import { defineQuery, defineUpdate } from "@temporalio/workflow";
import type { EvaluationToRun, GateResult, RolloutInput } from "../activities/types.ts";
import type { Outcome, Phase } from "../src/domain/rollout.ts";

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

export interface PersonsWord {
  readonly by: string;
  readonly reason?: string;
}

export interface EvaluationStanding {
  readonly evaluationId: string;
  /** Case runs with a result, and all there are. */
  readonly recorded: number;
  readonly total: number;
  readonly errors: number;
  /** Results that were taken over from earlier evaluations. */
  readonly reused: number;
  readonly waitingFor: string | null;
  readonly result: GateResult | null;
}

export type { EvaluationToRun, RolloutInput };

/** Answers with the receipt of the rollout that runs: this one, or the identical one started before. */
export const startUpdate = defineUpdate<StartReceipt, [RolloutInput]>("start");
export const abortUpdate = defineUpdate<RolloutProgress, [PersonsWord]>("abort");
export const pauseUpdate = defineUpdate<RolloutProgress, [PersonsWord]>("pause");
export const resumeUpdate = defineUpdate<RolloutProgress, [PersonsWord]>("resume");
/** Skips dwell, stages and minimum units; never harm, the gate or an approval. */
export const promoteUpdate = defineUpdate<RolloutProgress, [PersonsWord]>("promote");
/** Says that a decision is in the approvals table: the row, written by the person, is what counts. */
export const approveUpdate = defineUpdate<RolloutProgress, [PersonsWord]>("approve");
export const rejectUpdate = defineUpdate<RolloutProgress, [PersonsWord]>("reject");
export const standingQuery = defineQuery<EvaluationStanding>("standing");
export const progressQuery = defineQuery<RolloutProgress>("progress");
