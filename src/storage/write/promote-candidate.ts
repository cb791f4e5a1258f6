import { sql } from "kysely";
import type { Assessment } from "../../domain/rollout/verdict.ts";
import { canaryOf } from "../../domain/policy/policy.ts";
import { promotionProblem } from "../read/environment-problem.ts";
import { rolloutOrThrow, rolloutScope, type RolloutRow } from "../read/rollout-row.ts";
import type { Transaction } from "../database.ts";
import { closeRollout } from "./close-rollout.ts";
import { movePointer, type MoveResult } from "./move-pointer.ts";
import { recordLedgerStep } from "./record-ledger-step.ts";
import { leaseFromNow, lostOwnership } from "./open-stage.ts";

export interface Promotion {
  readonly rolloutId: string;
  readonly reason: string;
  /** One more than the last epoch: the holdback's, where the policy watches after promotion. */
  readonly epoch: number;
}

/**
 * Makes the candidate the active version, on evidence measured against what is active now: the rollout's
 * newest assessment says promote, or, where the scope served nothing, its gate passed.
 * With a `watch` policy the previous version keeps a slice (mode holdback) and the rollout stays open.
 */
export async function promoteCandidate(transaction: Transaction, promotion: Promotion): Promise<MoveResult> {
  const rollout = await rolloutOrThrow(transaction, promotion.rolloutId);
  const scope = rolloutScope(rollout);
  const watch = rollout.baseline_version === null ? undefined : rollout.policy.watch;
  return movePointer(transaction, {
    operationId: `${rollout.workflow_id}/${rollout.id}/promote`,
    action: "promoted",
    scope,
    auditPrompt: scope.prompt,
    request: { ...promotion },
    plan: async (row) => {
      const lost = await lostOwnership(transaction, rollout, row);
      if (lost) return lost;
      const problem = await evidenceProblem(transaction, rollout);
      if (problem) return { refusal: "stale_evidence", message: problem };
      const notYet = await promotionProblem(transaction, scope, rollout.candidate_version, rollout.id);
      if (notYet) return { refusal: "conflict", message: notYet };
      if (watch) await openWatch(transaction, rollout, promotion.epoch, watch.holdback);
      else await closeRollout(transaction, rollout.id, "promoted", promotion.reason);
      const assessment = await promotingAssessment(transaction, rollout.id);
      if (rollout.baseline_version !== null && assessment)
        await recordLedgerStep(transaction, {
          scope,
          versionId: rollout.candidate_version,
          baselineId: rollout.baseline_version,
          rolloutId: rollout.id,
          assessment,
        });
      const common = {
        active_version: rollout.candidate_version,
        // Nothing of its own to go back to means going back to inheritance.
        previous_version: row?.active_version ?? null,
        previous_inherits: rollout.inherits,
      };
      return {
        change: watch
          ? {
              ...common,
              // While held back, an inheriting scope needs the inherited version by name.
              previous_version: rollout.baseline_version,
              mode: "holdback",
              candidate_version: rollout.candidate_version,
              share: watch.holdback,
              epoch: promotion.epoch,
              lease_until: leaseFromNow(canaryOf(rollout.policy).lease_ms),
            }
          : { ...common, candidate_version: null, mode: null, share: 0, rollout_id: null, lease_until: null },
        fromVersion: rollout.baseline_version,
        toVersion: rollout.candidate_version,
        rolloutId: rollout.id,
        reason: promotion.reason,
        ...(assessment?.passes && { details: { passes: assessment.passes } }),
      };
    },
  });
}

async function evidenceProblem(transaction: Transaction, rollout: RolloutRow): Promise<string | undefined> {
  if (rollout.baseline_version === null || !rollout.policy.canary) {
    const evaluation = await transaction
      .selectFrom("evaluations")
      .select("verdict")
      .where("rollout_id", "=", rollout.id)
      .where("candidate_version", "=", rollout.candidate_version)
      .executeTakeFirst();
    return evaluation?.verdict === "pass" ? undefined : "no passed gate stands behind this version";
  }
  // while operators think about an approval ticks go on that can only say harm: those before it still hold.
  const newest = await transaction
    .selectFrom("assessments")
    .select(["verdict", "baseline_version"])
    .where("rollout_id", "=", rollout.id)
    .where("verdict", "in", ["promote", "harm", "fuse", "invalid", "inconclusive", "no_data"])
    .orderBy("tick", "desc")
    .limit(1)
    .executeTakeFirst();
  if (newest?.verdict !== "promote") return "no assessment says promote, or a later one says otherwise";
  if (newest.baseline_version !== rollout.baseline_version)
    return "the evidence was measured against another baseline";
  return undefined;
}

async function promotingAssessment(
  transaction: Transaction,
  rolloutId: string,
): Promise<Assessment | undefined> {
  const found = await transaction
    .selectFrom("assessments")
    .select("assessment")
    .where("rollout_id", "=", rolloutId)
    .where("verdict", "=", "promote")
    .orderBy("tick", "desc")
    .limit(1)
    .executeTakeFirst();
  return found?.assessment;
}

async function openWatch(
  transaction: Transaction,
  rollout: RolloutRow,
  epoch: number,
  holdback: number,
): Promise<void> {
  await transaction
    .insertInto("rollout_epochs")
    .values({ rollout_id: rollout.id, epoch, stage: rollout.stage, mode: "holdback", share: holdback })
    .execute();
  await transaction
    .updateTable("rollouts")
    .set({ phase: "watching", waiting_for: null, share: 0, updated_at: sql<Date>`now()` })
    .where("id", "=", rollout.id)
    .execute();
}
