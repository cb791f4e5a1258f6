import type { Assessment } from "../../domain/rollout/verdict.ts";
import type { ScopeColumns } from "../../domain/scope.ts";
import type { Transaction } from "../database.ts";

/**
 * Enters what a promotion has cost, in the transaction that moves the pointer. A version proven superior is an
 * anchor: what was lost before it does not count any more.
 */
export async function recordLedgerStep(
  transaction: Transaction,
  step: {
    readonly scope: ScopeColumns;
    readonly versionId: string;
    readonly baselineId: string;
    readonly rolloutId: string;
    readonly assessment: Assessment;
  },
): Promise<void> {
  const { evidence } = step.assessment;
  const goal = evidence.find(({ role }) => role === "goal");
  await transaction
    .insertInto("ledger_steps")
    .values({
      ...step.scope,
      version_id: step.versionId,
      baseline_id: step.baselineId,
      rollout_id: step.rolloutId,
      anchor: goal?.claim === "superior" && goal.verdict === "met",
      metrics: JSON.stringify(
        Object.fromEntries(evidence.flatMap(({ metric, step: cost }) => (cost ? [[metric, cost]] : []))),
      ),
    })
    .execute();
}
