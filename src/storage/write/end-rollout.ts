import type { Outcome } from "../../domain/rollout/rollout.ts";
import { rolloutOrThrow, rolloutScope } from "../read/rollout-row.ts";
import type { Transaction } from "../database.ts";
import { closeRollout } from "./close-rollout.ts";
import { movePointer, type PointerChange } from "./move-pointer.ts";

export interface RolloutEnd {
  readonly rolloutId: string;
  readonly outcome: Outcome;
  readonly reason: string;
  /** Who ends it when it is not the rollout itself: `sweep`, `start`. Part of the operation's id. */
  readonly endedBy?: string;
}

export interface EndedRollout {
  readonly outcome: Outcome;
  readonly reason: string;
}

/**
 * Ends a rollout whatever state it is in: the baseline serves everybody, the pointer no longer names the
 * rollout, and its row is closed. Where somebody else has moved the pointer nothing of theirs is touched.
 * Gives the outcome that stands, which is the earlier one where an operator ended the rollout before.
 */
export async function endRollout(transaction: Transaction, end: RolloutEnd): Promise<EndedRollout> {
  const rollout = await rolloutOrThrow(transaction, end.rolloutId);
  const scope = rolloutScope(rollout);
  const suffix = end.endedBy ? `end-${end.endedBy}` : "end";
  await movePointer(transaction, {
    operationId: `${rollout.workflow_id}/${rollout.id}/${suffix}`,
    action: end.outcome === "promoted" ? "holdback_ended" : "rollout_ended",
    scope,
    auditPrompt: scope.prompt,
    // Not the outcome: whichever end came first stands.
    request: { rolloutId: end.rolloutId },
    plan: async (row) => {
      if (row?.rollout_id !== rollout.id) {
        await closeRollout(transaction, rollout.id, "superseded", "somebody else has moved the pointer");
        return { refusal: "superseded", message: "the pointer is no longer this rollout's" };
      }
      await closeRollout(transaction, rollout.id, end.outcome, end.reason);
      const cleared: PointerChange = {
        candidate_version: null,
        mode: null,
        share: 0,
        rollout_id: null,
        lease_until: null,
      };
      const takeBack = row.mode === "holdback" && end.outcome !== "promoted";
      const back = rollout.inherits ? null : row.previous_version;
      const serving = row.candidate_version !== null;
      return {
        change: takeBack
          ? { ...cleared, active_version: back, previous_version: null, previous_inherits: false }
          : row.mode === "holdback" && rollout.inherits
            ? { ...cleared, previous_version: null }
            : cleared,
        action: end.outcome === "promoted" ? "holdback_ended" : serving ? "rolled_back" : "rollout_ended",
        fromVersion: rollout.candidate_version,
        toVersion: takeBack ? back : row.active_version,
        rolloutId: rollout.id,
        reason: end.reason,
        details: { outcome: end.outcome },
      };
    },
  });
  const standing = await rolloutOrThrow(transaction, end.rolloutId);
  return { outcome: standing.outcome ?? end.outcome, reason: standing.reason ?? end.reason };
}
