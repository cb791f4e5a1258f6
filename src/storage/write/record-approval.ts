import { sql } from "kysely";
import type { RolloutRow } from "../read/rollout-row.ts";
import { rolloutScope } from "../read/rollout-row.ts";
import type { Transaction } from "../database.ts";
import { appendAudit } from "./append-audit.ts";

export interface ApprovalToRecord {
  readonly rollout: RolloutRow;
  readonly point: "canary" | "promote";
  readonly decision: "approve" | "reject";
  /** Who says they decide; the login, the time and the rest of the stamp are the database's. */
  readonly assertedActor: string;
  readonly comment: string;
}

/**
 * Keeps one operator's decision, in a session of that operator, with its audit row. Saying the same again
 * changes nothing; saying something else takes its place. False when it was said before.
 */
export async function recordApproval(transaction: Transaction, approval: ApprovalToRecord): Promise<boolean> {
  const { rollout, point, decision, assertedActor, comment } = approval;
  const written = await transaction
    .insertInto("approvals")
    .values({ rollout_id: rollout.id, point, decision, asserted_actor: assertedActor, comment })
    .onConflict((conflict) =>
      conflict
        .columns(["rollout_id", "point", "actor", "asserted_actor"])
        .doUpdateSet({ decision, comment, decided_at: sql<Date>`clock_timestamp()` })
        .where("approvals.decision", "!=", decision),
    )
    .returning("decision")
    .executeTakeFirst();
  if (!written) return false;
  await appendAudit(transaction, {
    prompt: rollout.prompt,
    action: decision === "approve" ? "approved" : "rejected",
    scope: rolloutScope(rollout),
    rolloutId: rollout.id,
    fromVersion: rollout.baseline_version,
    toVersion: rollout.candidate_version,
    reason: comment || null,
    assertedActor,
    details: { point },
  });
  return true;
}
