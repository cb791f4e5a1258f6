import type { TriageRollback } from "../domain/shapes/monitors.ts";
import type { Transaction } from "../storage/database.ts";
import { inheritedVersion } from "../storage/read/inherited-version.ts";
import type { TriageRow } from "../storage/read/triages.ts";
import { rollBackPointer } from "../storage/write/roll-back-pointer.ts";

/**
 * Goes back to the version that was tested beside the live one, where `action: rollback` is set, in the monitor's name and
 * for the alert. Refused, which is said with the alert, where the pointer was moved since, a rollout runs, or the alert is
 * over. Null: nobody has set it, or there is nothing to go back to.
 */
export async function rollBackTriaged(
  transaction: Transaction,
  triage: TriageRow,
): Promise<TriageRollback | null> {
  const { spec_now: spec, previous: to, previous_version: previousId } = triage;
  if (spec === null || spec === "off" || spec.action !== "rollback" || to === null) return null;
  const { prompt, label, model, tenant, alert_id: alertId } = triage;
  const scope = { prompt, label, model, tenant };
  if (triage.resolved_at !== null) return { done: false, to, refusal: "the alert is over" };
  const moved = await rollBackPointer(transaction, {
    operationId: `triage/${alertId}`,
    scope,
    reason: `alert ${alertId.slice(0, 8)} of ${triage.version}: its tests say that it alone has got worse`,
    assertedActor: `monitor ${triage.monitor}`,
    onlyWhile: {
      revision: triage.revision,
      leadsTo: async ({ previous_version: previous, previous_inherits: inherits }) =>
        (inherits ? await inheritedVersion(transaction, scope) : previous) === previousId,
    },
  });
  return { done: moved.moved, to, refusal: moved.moved ? null : moved.message };
}
