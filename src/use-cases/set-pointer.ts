import { randomUUID } from "node:crypto";
import type { ScopeColumns } from "../domain/scope.ts";
import type { Database } from "../storage/database.ts";
import { requireVersion, versionName } from "../storage/read/version.ts";
import { transact } from "../storage/transact.ts";
import { setPointer } from "../storage/write/set-pointer.ts";
import { refusalError } from "./roll-back.ts";
import type { SetPointer } from "../domain/shapes/pointers.ts";

export interface SetPointerRequest {
  /** Without a prompt: a default for every prompt of the scope's model. */
  readonly scope: ScopeColumns;
  readonly version: { readonly prompt: string; readonly number: number };
  readonly expectedRevision: number;
  readonly reason: string;
  readonly force: boolean;
  /** Also where its environment or the prompt's owner stands in the way; the audit log says so, with the reason. */
  readonly emergency?: boolean | undefined;
  readonly by: string | null;
  /** The same move asked again has the same; one of its own when absent. */
  readonly operationId?: string | undefined;
}

/** Moves a pointer by hand. `conflict` when it has moved meanwhile, `stale_evidence` without a passed evaluation. */
export async function setPointerByHand(db: Database, request: SetPointerRequest): Promise<SetPointer> {
  const version = await requireVersion(db, request.version);
  const { operationId = `pointers-set/${randomUUID()}` } = request;
  const moved = await transact(db, (transaction) =>
    setPointer(transaction, {
      operationId,
      scope: request.scope,
      prompt: version.prompt,
      versionId: version.id,
      expectedRevision: request.expectedRevision,
      reason: request.reason,
      force: request.force,
      emergency: request.emergency,
      assertedActor: request.by,
    }),
  );
  if (!moved.moved) throw refusalError(moved);
  const { id: versionId, sha256 } = version;
  return { serves: versionName(version), versionId, sha256, revision: moved.revision };
}
