import { randomUUID } from "node:crypto";
import { notFound, SluiceError } from "../domain/errors.ts";
import type { ScopeColumns } from "../domain/scope.ts";
import type { Database } from "../storage/database.ts";
import { findPointer } from "../storage/read/pointer.ts";
import { findVersionById, requireVersion, versionName } from "../storage/read/version.ts";
import { transact } from "../storage/transact.ts";
import { rollBackPointer } from "../storage/write/roll-back-pointer.ts";
import type { MoveResult } from "../storage/write/move-pointer.ts";

export interface RollBackRequest {
  readonly scope: ScopeColumns;
  readonly reason: string;
  readonly by: string | null;
  readonly to?: { readonly prompt: string; readonly number: number } | undefined;
}

export interface RolledBack {
  readonly prompt: string;
  /** What is served now, as `support-reply@1`; null where nothing of the scope's own is (inherited, or nothing). */
  readonly serves: string | null;
  readonly revision: number;
  /** False when there was nothing to undo; the revision has risen all the same. */
  readonly changed: boolean;
}

/** Back at once, by Postgres alone. */
export async function rollBack(db: Database, request: RollBackRequest): Promise<RolledBack> {
  const { scope } = request;
  const to = request.to && (await requireVersion(db, request.to));
  if (to && scope.prompt !== "" && to.prompt !== scope.prompt)
    throw new SluiceError("invalid_input", `${versionName(to)} is no version of ${scope.prompt}`);
  const operationId = `rollback/${randomUUID()}`;
  const moved = await transact(db, (transaction) =>
    rollBackPointer(transaction, {
      operationId,
      scope,
      reason: request.reason,
      assertedActor: request.by,
      ...(to && { toVersion: to.id }),
    }),
  );
  if (!moved.moved) throw refusalError(moved);
  const pointer = await findPointer(db, scope);
  const active = pointer?.active_version ? await findVersionById(db, pointer.active_version) : undefined;
  return {
    prompt: scope.prompt,
    serves: active ? versionName(active) : null,
    revision: moved.revision,
    changed: moved.note === undefined,
  };
}

/** A refused move as the error that a person gets. */
export function refusalError(refused: Extract<MoveResult, { moved: false }>): SluiceError {
  if (refused.refusal === "not_found") return notFound(refused.message);
  const code = refused.refusal === "superseded" ? "conflict" : refused.refusal;
  return new SluiceError(code, refused.message, { revision: refused.revision });
}
