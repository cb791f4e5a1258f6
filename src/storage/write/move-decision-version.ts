import { sql } from "kysely";
import type { MovedRollout } from "../../domain/shapes/deciding.ts";
import { rolloutScope } from "../read/rollout-row.ts";
import type { Transaction } from "../database.ts";
import { appendAudit } from "./append-audit.ts";

export interface DecisionVersionMove {
  /** Only the rollout with this id; every running one when absent. */
  readonly rolloutId?: string | undefined;
  readonly from: string;
  readonly to: string;
  readonly reason: string;
  readonly by: string | null;
}

/**
 * Lets running rollouts of one version of the decision rules go on under another, from their next look on, each
 * with an audit row. Those that have ended keep the version that decided them.
 */
export async function moveDecisionVersion(
  transaction: Transaction,
  { rolloutId, from, to, reason, by }: DecisionVersionMove,
): Promise<MovedRollout[]> {
  const moved = await transaction
    .updateTable("rollouts")
    .set({ decision_version: to, updated_at: sql<Date>`now()` })
    .where("outcome", "is", null)
    .where("decision_version", "=", from)
    .$if(rolloutId !== undefined, (query) => query.where("id", "=", rolloutId!))
    .returningAll()
    .execute();
  for (const row of moved.toSorted((a, b) => a.prompt.localeCompare(b.prompt)))
    await appendAudit(transaction, {
      prompt: row.prompt,
      action: "decision_version_moved",
      scope: rolloutScope(row),
      rolloutId: row.id,
      reason,
      assertedActor: by,
      details: { from, to },
    });
  return moved.map(({ id, prompt, label }) => ({ rolloutId: id, prompt, label }));
}
