import { randomUUID } from "node:crypto";
import { digestJson } from "../digest.ts";
import { SluiceError } from "../domain/errors.ts";
import type { RolloutPolicy } from "../domain/policy/policy.ts";
import { DEFAULT_LABEL, scopeColumns, type ScopeColumns } from "../domain/scope.ts";
import { WELL } from "../domain/shapes/propagating.ts";
import { judgeDigest } from "../evaluation/grading/assertions/judge.ts";
import type { DependantStep, DependantToMake } from "../protocol/activity-values.ts";
import type { RolloutTemporal } from "../protocol/rollout-temporal.ts";
import type { Database, Transaction } from "../storage/database.ts";
import { servedVersion } from "../storage/read/pointer.ts";
import {
  findPropagation,
  findStep,
  harmedDependant,
  isUnderWay,
  moneyLeft,
  type PropagationRow,
  type PropagationStepRow,
} from "../storage/read/propagations.ts";
import { findVersionById, type VersionRow } from "../storage/read/version.ts";
import { transact } from "../storage/transact.ts";
import { openEvaluation, reopenEvaluation } from "../storage/write/open-evaluation.ts";
import { changeStep, lockPropagation } from "../storage/write/propagations.ts";
import { ownPolicy } from "./load-policy-document.ts";
import { makeDependant } from "./make-dependant.ts";
import { refuseBrokenCallers } from "./refuse-broken-callers.ts";
import { startRollout } from "./start-rollout.ts";

/**
 * Makes a dependant anew, and begins what says whether it is good: its gate, or its rollout, which begins with its gate.
 * Safe to repeat: a version, an evaluation and a rollout are there once for a propagation and a prompt.
 */
export async function beginDependant(
  db: Database,
  temporal: RolloutTemporal,
  { propagationId, prompt }: DependantToMake,
): Promise<DependantStep> {
  const propagation = await requireRow(db, propagationId);
  const harmed = await harmedDependant(db, propagationId);
  const step = await requireStep(db, propagationId, prompt);
  if (!isUnderWay(step)) return stepOf(step);
  if (harmed !== undefined && step.state === "waiting") {
    await changeStep(db, step, { state: "stopped", reason: harmReason(harmed) });
    return stepOf(await requireStep(db, propagationId, prompt));
  }
  await makeDependant(db, propagation, prompt, (transaction, made) =>
    propagation.rollout
      ? shareMoney(transaction, propagation, made)
      : openGate(transaction, propagation, made),
  );
  const made = await requireStep(db, propagationId, prompt);
  if (propagation.rollout && made.version_id !== null && made.rollout_id === null && isUnderWay(made))
    await startItsRollout(db, temporal, propagation, made);
  // Stopped from outside in the middle, it is asked again.
  if (made.state === "testing" && made.evaluation_id !== null)
    await transact(db, (transaction) => reopenEvaluation(transaction, made.evaluation_id!));
  return stepOf(await requireStep(db, propagationId, prompt));
}

export function harmReason(prompt: string): string {
  return `the rollout of ${prompt} was taken back, so everything else is stopped`;
}

export function stepOf(step: PropagationStepRow): DependantStep {
  const { state, evaluation_id } = step;
  return {
    state,
    done: !isUnderWay(step),
    isWell: WELL.has(state),
    evaluationId: state === "testing" ? evaluation_id : null,
  };
}

export async function requireStep(db: Database, id: string, prompt: string): Promise<PropagationStepRow> {
  const found = await findStep(db, id, prompt);
  if (!found) throw new SluiceError("internal", `propagation ${id} has no step for ${prompt}`);
  return found;
}

async function requireRow(db: Database, id: string): Promise<PropagationRow> {
  const found = await findPropagation(db, id);
  if (!found) throw new SluiceError("internal", `propagation ${id} has no row`);
  return found;
}

/** Of what earlier gates have left an equal part for each that has not begun; undefined: no limit. In US dollars. */
async function shareOf(transaction: Transaction, { id }: PropagationRow): Promise<number | undefined> {
  await lockPropagation(transaction, id);
  const { leftUsd, waiting } = await moneyLeft(transaction, id);
  return leftUsd === null ? undefined : Math.max(0, Math.floor((leftUsd / Math.max(1, waiting)) * 1e6) / 1e6);
}

const SPENT = "what the propagation may spend (--max-cost) is used up";

async function shareMoney(
  transaction: Transaction,
  propagation: PropagationRow,
  { prompt }: VersionRow,
): Promise<void> {
  const share = await shareOf(transaction, propagation);
  if (share === undefined) return;
  const step = { propagation_id: propagation.id, prompt };
  if (share === 0) return changeStep(transaction, step, { state: "stopped", reason: SPENT });
  await changeStep(transaction, step, { state: "waiting", reason: "", max_cost_usd: share });
}

/** Opens the gate of a version that was made; without one it is made, and nobody knows more. */
async function openGate(
  transaction: Transaction,
  propagation: PropagationRow,
  made: VersionRow,
): Promise<void> {
  const { prompt } = made;
  const step = { propagation_id: propagation.id, prompt };
  const policy = (await ownPolicy(transaction, prompt))?.gate;
  if (policy?.dataset_sha256 === undefined)
    return changeStep(transaction, step, {
      state: "made",
      reason: "no policy with a gate was pushed with it",
    });
  const share = await shareOf(transaction, propagation);
  if (share === 0) return changeStep(transaction, step, { state: "stopped", reason: SPENT });
  const gate = { ...policy, ...limitOf(policy, share) };
  const served = await servedVersion(transaction, scopeOf(propagation, prompt));
  const id = randomUUID();
  await openEvaluation(transaction, {
    id,
    prompt,
    by: propagation.asserted_by ?? propagation.started_by,
    candidateVersion: made.id,
    baselineVersion: served === made.id ? null : served,
    datasetSha256: policy.dataset_sha256,
    gate,
    gateSha256: digestJson(gate),
    judgeSha256: judgeDigest(gate),
  });
  await changeStep(transaction, step, {
    state: "testing",
    reason: "",
    evaluation_id: id,
    ...(share !== undefined && { max_cost_usd: gate.max_cost_usd! }),
  });
}

/** The gate's own limit where it is lower. */
function limitOf(
  { max_cost_usd: own = Number.POSITIVE_INFINITY }: { readonly max_cost_usd?: number | undefined },
  share: number | undefined,
): { readonly max_cost_usd?: number } {
  return share === undefined ? {} : { max_cost_usd: Math.min(own, share) };
}

function scopeOf({ label }: PropagationRow, prompt: string): ScopeColumns {
  return scopeColumns({ label: label || DEFAULT_LABEL, prompt });
}

async function startItsRollout(
  db: Database,
  temporal: RolloutTemporal,
  propagation: PropagationRow,
  step: PropagationStepRow,
): Promise<void> {
  const { prompt } = step;
  const version = (await findVersionById(db, step.version_id!))!;
  try {
    const start = {
      scope: scopeOf(propagation, prompt),
      prompt,
      number: version.number,
      needsApproval: propagation.needs_approval,
      requestId: `propagate/${propagation.id}/${prompt}`,
      by: propagation.asserted_by ?? propagation.started_by,
      ...(await limitedPolicy(db, step)),
    };
    const allowed = await refuseBrokenCallers(db, version, start);
    const { rolloutId } = await startRollout(db, temporal, allowed);
    await changeStep(db, step, { state: "rolling_out", reason: "", rollout_id: rolloutId });
  } catch (error) {
    if (!(error instanceof SluiceError) || error.code === "unavailable") throw error;
    await changeStep(db, step, { state: "failed", reason: error.message });
  }
}

/** The prompt's own policy with what its gate may spend here; nothing where that is not said. */
async function limitedPolicy(db: Database, { prompt, max_cost_usd }: PropagationStepRow) {
  const policy: RolloutPolicy | undefined = max_cost_usd === null ? undefined : await ownPolicy(db, prompt);
  if (!policy?.gate) return {};
  const gate = { ...policy.gate, ...limitOf(policy.gate, Number(max_cost_usd)) };
  return { policy: { name: "policy", policy: { ...policy, gate }, dataset: undefined } };
}
