import { defineQuery, defineSignal, defineUpdate } from "@temporalio/workflow";
import type { RolloutInput } from "../src/protocol/activity-values.ts";
import { type ControlName, LOOK_SIGNAL, QUERY, START_UPDATE } from "../src/protocol/names.ts";
import type {
  ControlRequest,
  EvaluationStanding,
  PromotionAnswer,
  RolloutProgress,
  StartReceipt,
} from "../src/protocol/rollout-messages.ts";

const control = <Answer>(name: ControlName) => defineUpdate<Answer, [ControlRequest]>(name);

/** Answers with the receipt of the rollout that runs: this one, or the identical one started before. */
export const startUpdate = defineUpdate<StartReceipt, [RolloutInput]>(START_UPDATE);
export const abortUpdate = control<RolloutProgress>("abort");
export const pauseUpdate = control<RolloutProgress>("pause");
export const resumeUpdate = control<RolloutProgress>("resume");
/** Skips dwell, stages and minimum units; never harm, the gate or an approval. Answered after one look. */
export const promoteUpdate = control<PromotionAnswer>("promote");
/** Says that a decision is in the approvals table: the row, written by whoever decided, is what counts. */
export const approveUpdate = control<RolloutProgress>("approve");
export const rejectUpdate = control<RolloutProgress>("reject");
export const standingQuery = defineQuery<EvaluationStanding>(QUERY.evaluation);
export const progressQuery = defineQuery<RolloutProgress>(QUERY.rollout);
/** Of a delivery: something that it waits for may have happened. */
export const lookSignal = defineSignal(LOOK_SIGNAL);
