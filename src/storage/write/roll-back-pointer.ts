import { columnsScope, describeScope, type ScopeColumns } from "../../domain/scope.ts";
import { findRollout } from "../read/rollout-row.ts";
import { inheritedVersion } from "../read/inherited-version.ts";
import type { Transaction } from "../database.ts";
import { closeRollout } from "./close-rollout.ts";
import { movePointer, type MoveResult, type PointerRow } from "./move-pointer.ts";

export interface RollBack {
  readonly operationId: string;
  readonly scope: ScopeColumns;
  readonly reason: string;
  readonly assertedActor: string | null;
  /** The version to go back to; the previous one when absent. */
  readonly toVersion?: string;
}

/**
 * Takes a bad version off at once, for a person: whatever the revision, with or without a rollout, with
 * Temporal away. A running rollout is closed in the same transaction. The revision always rises, so a
 * frozen process that wakes up later cannot undo it.
 */
export async function rollBackPointer(transaction: Transaction, back: RollBack): Promise<MoveResult> {
  const where = describeScope(columnsScope(back.scope));
  return movePointer(transaction, {
    operationId: back.operationId,
    action: "rolled_back",
    scope: back.scope,
    auditPrompt: back.scope.prompt,
    request: { reason: back.reason, to: back.toVersion ?? null },
    assertedActor: back.assertedActor,
    plan: async (row) => {
      if (!row)
        return {
          refusal: "not_found",
          message: `nothing is served at ${where}, so nothing can be rolled back`,
        };
      const target =
        back.toVersion === undefined ? await previous(transaction, row) : { active: back.toVersion };
      if (row.rollout_id) {
        const rollout = await findRollout(transaction, row.rollout_id);
        const promoted = row.mode === "holdback";
        if (rollout)
          await closeRollout(
            transaction,
            rollout.id,
            promoted ? "rolled_back" : "aborted",
            `rolled back by a person: ${back.reason}`,
          );
      }
      const undoes = target !== undefined || row.candidate_version !== null;
      const bad = row.mode === "canary" ? row.candidate_version : row.active_version;
      return {
        change: {
          candidate_version: null,
          mode: null,
          share: 0,
          rollout_id: null,
          lease_until: null,
          // What was taken back is not kept as previous: a second rollback must not bring it back.
          ...(target && { active_version: target.active, previous_version: null }),
        },
        fromVersion: undoes ? bad : row.active_version,
        toVersion: target ? target.active : row.active_version,
        rolloutId: row.rollout_id,
        reason: back.reason,
        ...(!undoes && { note: "nothing to undo" }),
      };
    },
  });
}

/** What the active version goes back to; undefined leaves it (taking the candidate off is enough, or there is nothing). */
async function previous(
  transaction: Transaction,
  row: PointerRow,
): Promise<{ active: string | null } | undefined> {
  if (row.mode === "canary") return undefined;
  if (row.active_version === null) return undefined;
  const promotion = await transaction
    .selectFrom("rollouts")
    .select("inherits")
    .where((where) =>
      where.and({ label: row.label, prompt: row.prompt, model: row.model, tenant: row.tenant }),
    )
    .where("candidate_version", "=", row.active_version)
    .where((where) => where.or([where("outcome", "=", "promoted"), where("outcome", "is", null)]))
    .orderBy("started_at", "desc")
    .limit(1)
    .executeTakeFirst();
  const inherited = promotion?.inherits ? await inheritedVersion(transaction, row) : null;
  if (promotion?.inherits && inherited !== null) return { active: null };
  return row.previous_version === null ? undefined : { active: row.previous_version };
}
