import { sql } from "kysely";
import { findRollout, rolloutScope } from "../read/rollout-row.ts";
import type { Transaction } from "../database.ts";
import { appendAudit } from "./append-audit.ts";
import { applyOnce } from "./apply-once.ts";

export interface Pause {
  readonly rolloutId: string;
  readonly paused: boolean;
  readonly by: string;
  /** Names this change: the same one again is applied and audited once. */
  readonly change: string;
}

/** Pauses or resumes an open rollout, with its audit row. `open` is false where the rollout has ended. */
export async function setPaused(transaction: Transaction, pause: Pause): Promise<{ readonly open: boolean }> {
  const { rolloutId, paused, by, change } = pause;
  const operationId = `${rolloutId}/pause/${change}`;
  return applyOnce(transaction, { id: operationId, request: { rolloutId, paused } }, async () => {
    const changed = await transaction
      .updateTable("rollouts")
      .set({ paused, updated_at: sql<Date>`now()` })
      .where("id", "=", rolloutId)
      .where("outcome", "is", null)
      .where("paused", "!=", paused)
      .returning("id")
      .executeTakeFirst();
    const rollout = await findRollout(transaction, rolloutId);
    if (changed && rollout)
      await appendAudit(transaction, {
        prompt: rollout.prompt,
        action: paused ? "paused" : "resumed",
        scope: rolloutScope(rollout),
        rolloutId,
        operationId,
        assertedActor: by,
      });
    return { open: rollout?.outcome === null };
  });
}
