import { columnsScope, describeScope, type ScopeColumns } from "../../domain/scope.ts";
import { findRollout } from "../read/rollout-row.ts";
import { inheritedVersion } from "../read/inherited-version.ts";
import { findVersionById } from "../read/version.ts";
import type { Transaction } from "../database.ts";
import { closeRollout } from "./close-rollout.ts";
import { movePointer, type MoveResult, type PointerRow } from "./move-pointer.ts";

export interface RollBack {
  readonly operationId: string;
  readonly scope: ScopeColumns;
  readonly reason: string;
  readonly assertedActor: string | null;
  /** The version to go back to; null: what a more general scope serves; what the last move replaced when absent. */
  readonly toVersion?: string | null;
  /**
   * Of a rollback that nobody looks at: refused unless the pointer is still at this revision, leads back to what was
   * tested, and no rollout runs.
   */
  readonly onlyWhile?: {
    readonly revision: number;
    readonly leadsTo: (row: PointerRow) => Promise<boolean>;
  };
}

/**
 * Takes a bad version off at once, for an operator: whatever the revision, with or without a rollout, while
 * Temporal is unreachable. A running rollout is closed in the same transaction; one that has not promoted anything takes
 * its candidate with it and leaves what is live. The revision always rises, so a frozen process that wakes up
 * later cannot undo it.
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
      if (back.toVersion === null && (await inheritedVersion(transaction, row)) === null)
        return {
          refusal: "conflict",
          message: `no more general scope serves anything that ${where} could inherit; name a version: --to ${row.prompt}@N`,
        };
      const rollout = row.rollout_id ? await findRollout(transaction, row.rollout_id) : undefined;
      const running = rollout?.outcome === null ? rollout : undefined;
      const refusal = await meanwhile(back, row, running !== undefined);
      if (refusal !== undefined) return { refusal: "superseded", message: refusal };
      const target =
        back.toVersion !== undefined
          ? { active: back.toVersion }
          : await replaced(transaction, row, running !== undefined);
      if (running)
        await closeRollout(
          transaction,
          running.id,
          row.mode === "holdback" ? "rolled_back" : "aborted",
          `rolled back by an operator: ${back.reason}`,
        );
      const undoes = target !== undefined || row.candidate_version !== null || running !== undefined;
      const bad = row.mode === "canary" ? row.candidate_version : row.active_version;
      return {
        change: {
          candidate_version: null,
          mode: null,
          share: 0,
          rollout_id: null,
          lease_until: null,
          // What was taken back is not kept as previous: a second rollback must not bring it back.
          ...(target && { active_version: target.active, previous_version: null, previous_inherits: false }),
        },
        fromVersion: undoes ? bad : row.active_version,
        toVersion: target ? target.active : row.active_version,
        rolloutId: row.rollout_id,
        reason: back.reason,
        ended: running?.id,
        auditPrompt: await chainOf(transaction, row),
        ...(!undoes && { note: "nothing to undo" }),
      };
    },
  });
}

/** What has changed since somebody set that it is to go back; undefined: nothing. */
async function meanwhile(
  { onlyWhile }: RollBack,
  row: PointerRow,
  runs: boolean,
): Promise<string | undefined> {
  if (!onlyWhile) return undefined;
  if (runs) return "a rollout runs there";
  if (row.revision !== onlyWhile.revision || !(await onlyWhile.leadsTo(row)))
    return "somebody has moved the pointer meanwhile";
  return undefined;
}

/**
 * What the move that made the active version active has replaced. Undefined leaves it: taking the candidate off
 * is enough, or there is nothing. A rollout that runs has moved nothing yet unless it is watching its promotion.
 */
async function replaced(
  transaction: Transaction,
  row: PointerRow,
  runs: boolean,
): Promise<{ active: string | null } | undefined> {
  if (row.active_version === null) return undefined;
  if (row.mode === "canary" || (runs && row.mode !== "holdback")) return undefined;
  if (row.previous_inherits && (await inheritedVersion(transaction, row)) !== null) return { active: null };
  return row.previous_version === null ? undefined : { active: row.previous_version };
}

/** A default of any prompt has no chain of its own: its moves stand in that of the prompt whose version it serves. */
async function chainOf(transaction: Transaction, row: PointerRow): Promise<string | undefined> {
  if (row.prompt !== "" || row.active_version === null) return undefined;
  return (await findVersionById(transaction, row.active_version))?.prompt;
}
