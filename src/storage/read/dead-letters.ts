import { DEAD_LETTER, idPrefix, oneByPrefix } from "../../domain/text/id-prefix.ts";
import type { Database } from "../database.ts";
import type { DeadLetterRow } from "../../domain/shapes/dead-letters.ts";

/** The oldest first; only the open ones unless all are asked for. */
export async function listDeadLetters(db: Database, { all = false } = {}): Promise<DeadLetterRow[]> {
  let query = db.selectFrom("dead_letters").selectAll();
  if (!all) query = query.where("status", "=", "open");
  const rows = await query.orderBy("created_at").limit(1000).execute();
  return rows.map(letterOf);
}

/** One letter by its id or the first characters of it. `not_found` unless exactly one has them. */
export async function requireDeadLetter(db: Database, id: string): Promise<DeadLetterRow> {
  const prefix = idPrefix(id);
  const rows =
    prefix === undefined
      ? []
      : await db
          .selectFrom("dead_letters")
          .selectAll()
          .where((where) => where(where.cast<string>("id", "text"), "like", `${prefix}%`))
          .limit(2)
          .execute();
  return letterOf(oneByPrefix(rows, id, DEAD_LETTER));
}

function letterOf(row: {
  readonly id: string;
  readonly operation_id: string;
  readonly operation: string;
  readonly prompt: string | null;
  readonly rollout_id: string | null;
  readonly payload: unknown;
  readonly error: unknown;
  readonly status: DeadLetterRow["status"];
  readonly created_at: Date;
  readonly resolved_at: Date | null;
  readonly resolved_by: string | null;
  readonly resolution: string | null;
}): DeadLetterRow {
  return {
    id: row.id,
    operationId: row.operation_id,
    operation: row.operation,
    prompt: row.prompt,
    rolloutId: row.rollout_id,
    payload: row.payload as DeadLetterRow["payload"],
    error: row.error as DeadLetterRow["error"],
    status: row.status,
    createdAt: row.created_at.toISOString(),
    resolvedAt: row.resolved_at?.toISOString() ?? null,
    resolvedBy: row.resolved_by,
    resolution: row.resolution,
  };
}
