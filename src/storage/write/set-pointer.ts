import { columnsScope, describeScope, type ScopeColumns } from "../../domain/scope.ts";
import type { Transaction } from "../database.ts";
import { environmentProblem, versionOwnerProblem } from "../read/environment-problem.ts";
import { hasEvidence } from "../read/evidence.ts";
import { inheritedVersion } from "../read/inherited-version.ts";
import { archivedProblem } from "./archive-prompt.ts";
import { closeRollout } from "./close-rollout.ts";
import { movePointer, type MoveResult } from "./move-pointer.ts";

export interface PointerSetting {
  readonly operationId: string;
  readonly scope: ScopeColumns;
  /** The prompt whose version this is; the scope's own where it has one. */
  readonly prompt: string;
  readonly versionId: string;
  /** 0 for a pointer that does not exist yet. */
  readonly expectedRevision: number;
  readonly reason: string;
  readonly force: boolean;
  /** Also where its environment takes only what was live in another one, or Git owns the prompt; the audit log says so. */
  readonly emergency?: boolean | undefined;
  readonly assertedActor: string | null;
}

/**
 * Moves a pointer by hand: compare-and-set on its revision, on a passed evaluation against what the scope serves
 * (its own version, or the one it inherits), or forced.
 */
export async function setPointer(transaction: Transaction, setting: PointerSetting): Promise<MoveResult> {
  const where = describeScope(columnsScope(setting.scope));
  return movePointer(transaction, {
    operationId: setting.operationId,
    action: "pointer_set",
    scope: setting.scope,
    auditPrompt: setting.prompt,
    request: {
      version: setting.versionId,
      expectedRevision: setting.expectedRevision,
      force: setting.force,
      ...(setting.emergency && { emergency: true }),
    },
    assertedActor: setting.assertedActor,
    plan: async (row) => {
      const revision = row?.revision ?? 0;
      if (revision !== setting.expectedRevision)
        return {
          refusal: "conflict",
          message: `${where} is at revision ${revision}, not ${setting.expectedRevision}: it was moved meanwhile; look again (sluice pointers) before you move it`,
        };
      const archived = await archivedProblem(transaction, setting.prompt);
      if (archived) return { refusal: "conflict", message: archived };
      const held = setting.emergency ? null : await heldBack(transaction, setting);
      if (held)
        return { refusal: "conflict", message: `${held}. In an emergency: --emergency, with its reason` };
      const own = row?.active_version ?? null;
      const inherited = own === null ? await inheritedVersion(transaction, setting.scope) : null;
      if (!setting.force && !(await hasEvidence(transaction, setting.versionId, own ?? inherited)))
        return {
          refusal: "stale_evidence",
          message: `no passed evaluation of this version against what ${where} serves; roll it out (sluice rollout start), or add --force`,
        };
      if (row?.rollout_id)
        await closeRollout(transaction, row.rollout_id, "superseded", `moved by hand: ${setting.reason}`);
      return {
        change: {
          active_version: setting.versionId,
          // Setting what is active already replaces nothing.
          ...(own !== setting.versionId && {
            previous_version: own,
            previous_inherits: inherited !== null,
          }),
          candidate_version: null,
          mode: null,
          share: 0,
          rollout_id: null,
          lease_until: null,
        },
        fromVersion: own ?? inherited,
        toVersion: setting.versionId,
        rolloutId: row?.rollout_id ?? null,
        reason: setting.reason,
        details: { forced: setting.force, ...(setting.emergency && { emergency: true }) },
      };
    },
  });
}

async function heldBack(
  transaction: Transaction,
  { scope, versionId }: PointerSetting,
): Promise<string | null> {
  return (
    (await versionOwnerProblem(transaction, versionId)) ??
    (await environmentProblem(transaction, scope, versionId))
  );
}
