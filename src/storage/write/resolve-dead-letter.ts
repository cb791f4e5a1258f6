import { sql } from "kysely";
import type { Transaction } from "../database.ts";
import { appendAudit } from "./append-audit.ts";

export interface DeadLetterResolution {
  readonly id: string;
  readonly status: "redriven" | "discarded";
  readonly by: string;
  readonly resolution: string;
}

/** Closes an open letter, with an audit row where it is of a prompt. False when somebody has closed it before. */
export async function resolveDeadLetter(
  transaction: Transaction,
  { id, status, by, resolution }: DeadLetterResolution,
): Promise<boolean> {
  const closed = await transaction
    .updateTable("dead_letters")
    .set({ status, resolved_by: by, resolution, resolved_at: sql<Date>`clock_timestamp()` })
    .where("id", "=", id)
    .where("status", "=", "open")
    .returning(["prompt", "rollout_id", "operation"])
    .executeTakeFirst();
  if (!closed) return false;
  if (closed.prompt !== null)
    await appendAudit(transaction, {
      prompt: closed.prompt,
      action: "dead_letter_resolved",
      rolloutId: closed.rollout_id,
      reason: resolution,
      assertedActor: by,
      details: { deadLetter: id, operation: closed.operation, status },
    });
  return true;
}
