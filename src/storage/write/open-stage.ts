import { sql } from "kysely";
import { canaryOf } from "../../domain/policy/policy.ts";
import { formatShare } from "../../domain/policy/quantity.ts";
import { rolloutOrThrow, rolloutScope, type RolloutRow } from "../read/rollout-row.ts";
import { inheritedVersion } from "../read/inherited-version.ts";
import type { Transaction } from "../database.ts";
import { movePointer, type MoveResult, type PointerRow, type Refusal } from "./move-pointer.ts";

export interface StageToOpen {
  readonly rolloutId: string;
  /** 0-based index into the policy's stages. */
  readonly stage: number;
  /** One more than the rollout's last epoch: every change of share opens one. */
  readonly epoch: number;
  /** `holdback`: after promotion, where the watch was unattended for a while; its share is the policy's. */
  readonly mode?: "canary" | "holdback";
}

/** Gives the candidate its stage's share under a fresh lease, in a new epoch. */
export async function openStage(transaction: Transaction, open: StageToOpen): Promise<MoveResult> {
  const rollout = await rolloutOrThrow(transaction, open.rolloutId);
  const scope = rolloutScope(rollout);
  const mode = open.mode ?? "canary";
  const share =
    mode === "canary"
      ? canaryOf(rollout.policy).stages[open.stage]!.share
      : (rollout.policy.watch?.holdback ?? 0);
  return movePointer(transaction, {
    operationId: `${rollout.workflow_id}/${rollout.id}/epoch-${open.epoch}`,
    action: "stage_opened",
    scope,
    auditPrompt: scope.prompt,
    request: { ...open },
    plan: async (row) => {
      const lost = (await lostOwnership(transaction, rollout, row)) ?? otherPart(row?.mode ?? null, mode);
      if (lost) return lost;
      await transaction
        .insertInto("rollout_epochs")
        .values({ rollout_id: rollout.id, epoch: open.epoch, stage: open.stage, mode, share })
        .execute();
      await transaction
        .updateTable("rollouts")
        .set({
          // A new epoch of a stage that was open before changes nothing of what the rollout waits for. Only the
          // wait before the canary is over once a stage opens.
          ...((rollout.waiting_for === null || rollout.waiting_for === "canary") && {
            phase: mode === "canary" ? "canary" : "watching",
            waiting_for: null,
          }),
          stage: open.stage + 1,
          share: mode === "canary" ? share : 0,
          canary_started_at: sql<Date>`coalesce(canary_started_at, now())`,
          updated_at: sql<Date>`now()`,
        })
        .where("id", "=", rollout.id)
        .execute();
      return {
        change: {
          candidate_version: rollout.candidate_version,
          mode,
          share,
          salt: rollout.salt,
          epoch: open.epoch,
          lease_until: leaseFromNow(canaryOf(rollout.policy).lease_ms),
        },
        fromVersion: rollout.baseline_version,
        toVersion: rollout.candidate_version,
        rolloutId: rollout.id,
        reason:
          mode === "canary"
            ? `stage ${open.stage + 1}: ${formatShare(share)} to the candidate`
            : `watching again: ${formatShare(share)} on the previous version`,
        details: { stage: open.stage + 1, share, epoch: open.epoch },
      };
    },
  });
}

/**
 * Where the database or Temporal was restored from a backup, one of them is ahead of the other: a slice is held back of
 * a promoted version alone, and a version that is promoted is no candidate any more.
 */
function otherPart(
  found: PointerRow["mode"],
  mode: "canary" | "holdback",
): { refusal: Refusal; message: string } | undefined {
  if ((found === "holdback") === (mode === "holdback")) return undefined;
  const message =
    mode === "holdback"
      ? "the database does not know of the promotion: it was restored from a backup of before that; start the rollout again"
      : "the candidate is promoted by the database, and not by Temporal, which was restored from a backup of before that";
  return { refusal: "superseded", message };
}

export function leaseFromNow(leaseMs: number) {
  return sql<Date>`clock_timestamp() + ${leaseMs} * interval '1 millisecond'`;
}

/** Why a rollout may not move this pointer any more, or undefined while it may. */
export async function lostOwnership(
  transaction: Transaction,
  rollout: RolloutRow,
  row: PointerRow | undefined,
): Promise<{ refusal: Refusal; message: string } | undefined> {
  if (rollout.outcome !== null)
    return { refusal: "superseded", message: `the rollout has ended: ${rollout.reason ?? rollout.outcome}` };
  if (row?.rollout_id !== rollout.id)
    return { refusal: "superseded", message: "somebody else has moved the pointer" };
  const serves = row.active_version ?? (await inheritedVersion(transaction, rolloutScope(rollout)));
  if (serves !== rollout.baseline_version && row.mode !== "holdback")
    return { refusal: "superseded", message: "the baseline has moved since the rollout started" };
  return undefined;
}
