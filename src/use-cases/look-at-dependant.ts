import type { DependantStep, DependantToMake } from "../protocol/activity-values.ts";
import type { Database } from "../storage/database.ts";
import { findEvaluation } from "../storage/read/evaluation.ts";
import {
  harmedDependant,
  isUnderWay,
  type PropagationStepRow,
  propagationSteps,
} from "../storage/read/propagations.ts";
import { findRollout, type RolloutRow } from "../storage/read/rollout-row.ts";
import { transact } from "../storage/transact.ts";
import { endRollout } from "../storage/write/end-rollout.ts";
import { changeStep, closePropagation, noteLook, type StepChange } from "../storage/write/propagations.ts";
import { harmReason, requireStep, stepOf } from "./begin-dependant.ts";

/**
 * One look at what was begun for a dependant. Where the rollout of another one was taken back, this one's is ended:
 * what harms there is likely to do so here.
 */
export async function lookAtDependant(
  db: Database,
  { propagationId, prompt }: DependantToMake,
): Promise<DependantStep> {
  const step = await requireStep(db, propagationId, prompt);
  const change =
    step.state === "testing"
      ? await afterGate(db, step)
      : step.state === "rolling_out"
        ? await afterRollout(db, step)
        : undefined;
  if (change) await changeStep(db, step, change);
  else await noteLook(db, propagationId);
  return stepOf(await requireStep(db, propagationId, prompt));
}

async function afterGate(db: Database, step: PropagationStepRow): Promise<StepChange | undefined> {
  const evaluation = await findEvaluation(db, step.evaluation_id!);
  if (!evaluation || evaluation.ended_at === null) return undefined;
  const { verdict } = evaluation;
  const reason = evaluation.reason ?? "";
  if (verdict === null) return { state: "failed", reason: `its gate came to no verdict: ${reason}` };
  return { state: verdict === "pass" ? "passed" : verdict === "fail" ? "failed" : verdict, reason };
}

async function afterRollout(db: Database, step: PropagationStepRow): Promise<StepChange | undefined> {
  const rollout = await findRollout(db, step.rollout_id!);
  if (!rollout) return { state: "failed", reason: "its rollout is not there any more" };
  const { outcome, phase } = rollout;
  const reason = rollout.reason ?? "";
  if (outcome === "promoted" || (outcome === null && phase === "watching"))
    return { state: "promoted", reason };
  if (outcome === "rolled_back") return { state: "rolled_back", reason };
  if (outcome !== null) return { state: "failed", reason: `${outcome.replaceAll("_", " ")}: ${reason}` };
  const harmed = await harmedDependant(db, step.propagation_id);
  if (harmed === undefined) return undefined;
  await end(db, rollout, harmReason(harmed));
  return { state: "stopped", reason: harmReason(harmed) };
}

/** In the database alone: the traffic is on the baseline at once, and the workflow finds it so. */
function end(db: Database, { id: rolloutId }: RolloutRow, reason: string): Promise<unknown> {
  return transact(db, (transaction) =>
    endRollout(transaction, { rolloutId, outcome: "aborted", reason, endedBy: "operator" }),
  );
}

/** Ends a propagation, once all of it is done or for a reason: what has not come to its end is stopped then. */
export async function endPropagation(db: Database, id: string, reason: string): Promise<void> {
  for (const step of await propagationSteps(db, id))
    if (isUnderWay(step))
      await changeStep(db, step, {
        state: "stopped",
        reason:
          step.state === "rolling_out"
            ? "its rollout goes on by itself"
            : reason || "nothing has come of it: see the log of the worker",
      });
  await closePropagation(db, id, reason);
}
