import { sql } from "kysely";
import type { RolloutRow } from "../read/rollout-row.ts";
import { rolloutScope } from "../read/rollout-row.ts";
import type { Database, Transaction } from "../database.ts";
import { appendAudit } from "./append-audit.ts";
import { applyOnce, findApplied } from "./apply-once.ts";

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

/** A decision as it was taken under an operation id. */
export interface TakenDecision {
  readonly point: ApprovalToRecord["point"];
  /** False when the operator had said the same before. */
  readonly recorded: boolean;
  /** Approvals that had counted until then. */
  readonly approvedBefore: number;
}

/** Keeps it once under an operation id, and with it what was decided: see `findTakenDecision`. */
export function recordApprovalOnce(
  transaction: Transaction,
  { rollout, decision, ...rest }: ApprovalToRecord,
  { operationId, approvedBefore }: { readonly operationId: string; readonly approvedBefore: number },
): Promise<TakenDecision> {
  const named = { id: `${operationId}/${decision}`, request: { rolloutId: rollout.id, decision } };
  return applyOnce(transaction, named, async () => ({
    point: rest.point,
    recorded: await recordApproval(transaction, { rollout, decision, ...rest }),
    approvedBefore,
  }));
}

/** What was decided under an operation id; undefined where nothing was. */
export async function findTakenDecision(
  db: Database,
  { operationId, decision }: { readonly operationId: string } & Pick<ApprovalToRecord, "decision">,
): Promise<TakenDecision | undefined> {
  return (await findApplied<TakenDecision>(db, `${operationId}/${decision}`))?.outcome;
}
