import { randomUUID } from "node:crypto";
import { notFound, SluiceError } from "../domain/errors.ts";
import type { VersionReference } from "../domain/names.ts";
import type { ScopeColumns } from "../domain/scope.ts";
import type { Database, Transaction } from "../storage/database.ts";
import { findPointer } from "../storage/read/pointer.ts";
import { findRollout } from "../storage/read/rollout-row.ts";
import { findVersionById, requireVersion, versionName } from "../storage/read/version.ts";
import { transact } from "../storage/transact.ts";
import { rollBackPointer } from "../storage/write/roll-back-pointer.ts";
import type { MoveResult } from "../storage/write/move-pointer.ts";
import { watchLock, type LockWatch } from "./watch-lock.ts";
import type { RolledBack } from "../domain/shapes/pointers.ts";

export interface RollBackRequest {
  readonly scope: ScopeColumns;
  readonly reason: string;
  readonly by: string | null;
  /** A version, or what a more general scope serves; what the last move replaced when absent. */
  readonly to?: VersionReference | "inherited" | undefined;
  /** The same rollback asked again has the same; one of its own when absent. */
  readonly operationId?: string | undefined;
}

/** Back at once, by Postgres alone. `watch` is told who keeps it waiting for a lock. */
export async function rollBack(
  db: Database,
  request: RollBackRequest,
  watch?: LockWatch,
): Promise<RolledBack> {
  const { operationId = `rollback/${randomUUID()}` } = request;
  const moved = await transact(db, (transaction) => {
    const work = () => rollBackIn(transaction, operationId, request);
    return watch ? watchLock(db, transaction, watch, work) : work();
  });
  if (!moved.moved) throw refusalError(moved);
  const { scope } = request;
  const pointer = await findPointer(db, scope);
  const active = pointer?.active_version ? await findVersionById(db, pointer.active_version) : undefined;
  const rollout = moved.ended === undefined ? undefined : await findRollout(db, moved.ended);
  const candidate = rollout && (await findVersionById(db, rollout.candidate_version));
  return {
    prompt: scope.prompt,
    serves: active ? versionName(active) : null,
    revision: moved.revision,
    changed: moved.note === undefined,
    ended: candidate ? versionName(candidate) : null,
  };
}

async function rollBackIn(
  transaction: Transaction,
  operationId: string,
  { scope, reason, by, to }: RollBackRequest,
): Promise<MoveResult> {
  const version = typeof to === "object" ? await requireVersion(transaction, to) : undefined;
  if (version && scope.prompt !== "" && version.prompt !== scope.prompt)
    throw new SluiceError("invalid_input", `${versionName(version)} is no version of ${scope.prompt}`);
  return rollBackPointer(transaction, {
    operationId,
    scope,
    reason,
    assertedActor: by,
    ...(to !== undefined && { toVersion: version?.id ?? null }),
  });
}

/** A refused move as the error that a caller gets. */
export function refusalError(refused: Extract<MoveResult, { moved: false }>): SluiceError {
  if (refused.refusal === "not_found") return notFound(refused.message);
  const code = refused.refusal === "superseded" ? "conflict" : refused.refusal;
  return new SluiceError(code, refused.message, { revision: refused.revision });
}
