import { digestJson } from "../../digest.ts";
import { SluiceError } from "../../domain/errors.ts";
import type { Database, Transaction } from "../database.ts";
import { storableJson } from "../storable-json.ts";

export interface Operation {
  /** A business key, such as `<workflow id>/<rollout id>/promote`: the same thing asked again has the same id. */
  readonly id: string;
  /** What is asked, as plain data: another request under the same id is a bug, and refused. */
  readonly request: unknown;
}

/**
 * Does the work once per operation id, in the transaction that records its outcome. Whoever asks again
 * after a lost acknowledgement gets the stored outcome, refusals included.
 */
export async function applyOnce<Result>(
  transaction: Transaction,
  operation: Operation,
  work: () => Promise<Result>,
): Promise<Result> {
  const request_sha256 = digestJson(operation.request);
  // Claims the id; a concurrent attempt waits here for the other transaction to end.
  const claimed = await transaction
    .insertInto("operations")
    .values({ id: operation.id, request_sha256, outcome: "null" })
    .onConflict((conflict) => conflict.column("id").doNothing())
    .returning("id")
    .executeTakeFirst();
  if (!claimed) {
    const stored = await transaction
      .selectFrom("operations")
      .select(["request_sha256", "outcome"])
      .where("id", "=", operation.id)
      .executeTakeFirstOrThrow();
    if (stored.request_sha256 !== request_sha256)
      throw new SluiceError("internal", `operation ${operation.id} was applied with another request`, {
        operationId: operation.id,
      });
    return stored.outcome as Result;
  }
  const result = await work();
  await transaction
    .updateTable("operations")
    .set({ outcome: storableJson(result) })
    .where("id", "=", operation.id)
    .execute();
  return result;
}

/** What was stored for an operation id; undefined where nothing was done under it. */
export async function findApplied<Result>(
  db: Database,
  id: string,
): Promise<{ readonly outcome: Result } | undefined> {
  const found = await db.selectFrom("operations").select("outcome").where("id", "=", id).executeTakeFirst();
  return found && { outcome: found.outcome as Result };
}
