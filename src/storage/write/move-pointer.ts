import { sql, type Selectable, type UpdateObject } from "kysely";
import type { ScopeColumns } from "../../domain/scope.ts";
import type { Transaction } from "../database.ts";
import { MOVE_TRIED } from "../../telemetry/channels.ts";
import type { Tables } from "../tables.ts";
import { appendAudit, type AuditAction } from "./append-audit.ts";
import { applyOnce } from "./apply-once.ts";

export type PointerRow = Selectable<Tables["pointers"]>;
export type PointerChange = Omit<
  UpdateObject<Tables, "pointers", "pointers">,
  "revision" | "updated_at" | keyof ScopeColumns
>;

export type Refusal = "superseded" | "conflict" | "stale_evidence" | "not_found";

export type MoveResult =
  | { readonly moved: true; readonly revision: number; readonly note?: string; readonly ended?: string }
  | { readonly moved: false; readonly refusal: Refusal; readonly message: string; readonly revision: number };

export interface PlannedMove {
  readonly change: PointerChange;
  /** What the audit says this was; the move's own action when absent. */
  readonly action?: AuditAction;
  readonly fromVersion: string | null;
  readonly toVersion: string | null;
  readonly rolloutId: string | null;
  readonly reason: string;
  /** Said to the caller, for example that there was nothing to undo. */
  readonly note?: string;
  /** The rollout that the move has ended, said to the caller. */
  readonly ended?: string | undefined;
  /** Whose audit chain it belongs to, where only the row can say. */
  readonly auditPrompt?: string | undefined;
  readonly details?: Record<string, unknown>;
}

export interface PointerMove {
  readonly operationId: string;
  readonly action: AuditAction;
  readonly scope: ScopeColumns;
  /** Whose audit chain the move belongs to: the scope's prompt, or the version's where the scope has none. */
  readonly auditPrompt: string;
  /** What identifies this request under its operation id. */
  readonly request: Record<string, unknown>;
  readonly assertedActor?: string | null;
  /** Looks at the locked row (undefined: there is none yet) and plans the change, or refuses it. */
  readonly plan: (
    row: PointerRow | undefined,
  ) => Promise<PlannedMove | { refusal: Refusal; message: string }>;
}

/** The channel that resolvers listen on. The payload is the pointer's scope and its new revision. */
export const POINTER_CHANNEL = "sluice_pointers";

/**
 * The only way a pointer moves: once per operation id, on the locked row, with its revision raised, an
 * audit row and a notification, all in the caller's transaction. A refusal is an outcome, stored likewise.
 */
export async function movePointer(transaction: Transaction, move: PointerMove): Promise<MoveResult> {
  const request = { action: move.action, scope: { ...move.scope }, ...move.request };
  const result = await applyOnce(
    transaction,
    { id: move.operationId, request },
    async (): Promise<MoveResult> => {
      const row = await lockPointer(transaction, move.scope);
      const planned = await move.plan(row);
      if ("refusal" in planned)
        return {
          moved: false,
          refusal: planned.refusal,
          message: planned.message,
          revision: row?.revision ?? 0,
        };
      const revision = await writeRow(transaction, move.scope, row, planned.change);
      await appendAudit(transaction, {
        prompt: planned.auditPrompt ?? move.auditPrompt,
        action: planned.action ?? move.action,
        scope: move.scope,
        rolloutId: planned.rolloutId,
        operationId: move.operationId,
        fromVersion: planned.fromVersion,
        toVersion: planned.toVersion,
        revision,
        reason: planned.reason,
        assertedActor: move.assertedActor ?? null,
        // The chain is the version's prompt's; that the scope itself names no prompt is said here.
        details: { ...planned.details, ...(move.scope.prompt === "" && { anyPrompt: true }) },
      });
      await sql`select pg_notify(${POINTER_CHANNEL}, ${JSON.stringify({ ...move.scope, revision })})`.execute(
        transaction,
      );
      const { note, ended } = planned;
      return { moved: true, revision, ...(note !== undefined && { note }), ...(ended && { ended }) };
    },
  );
  MOVE_TRIED.publish({ action: move.action, result: result.moved ? "moved" : result.refusal });
  return result;
}

export async function lockPointer(
  transaction: Transaction,
  scope: ScopeColumns,
): Promise<PointerRow | undefined> {
  return transaction
    .selectFrom("pointers")
    .selectAll()
    .where((where) => where.and({ ...scope }))
    .forUpdate()
    .executeTakeFirst();
}

async function writeRow(
  transaction: Transaction,
  scope: ScopeColumns,
  row: PointerRow | undefined,
  change: PointerChange,
): Promise<number> {
  if (row) {
    const updated = await transaction
      .updateTable("pointers")
      .set({ ...change, revision: row.revision + 1, updated_at: sql<Date>`now()` })
      .where((where) => where.and({ ...scope }))
      .returning("revision")
      .executeTakeFirstOrThrow();
    return updated.revision;
  }
  // Two first moves of one scope at once: the second fails on the primary key and is tried again (transact).
  const inserted = await transaction
    .insertInto("pointers")
    .values({ ...scope, ...change })
    .returning("revision")
    .executeTakeFirstOrThrow();
  return inserted.revision;
}
