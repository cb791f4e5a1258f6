import type { ScopeColumns } from "../domain/scope.ts";
import type { PlannedRollout } from "./plan-rollout.ts";

/** A plan as `sluice plan --json` has it; `unitsPerDay` is what was given, undefined where nothing was. */
export function planDocument(
  { candidate, baseline, history, unitsPerDay, plan, cutOff, cannotConclude, gate }: PlannedRollout,
  { scope, unitsPerDay: given }: { readonly scope: ScopeColumns; readonly unitsPerDay?: number | undefined },
) {
  return {
    candidate,
    baseline,
    label: scope.label,
    model: scope.model || null,
    tenant: scope.tenant || null,
    unitsPerDay,
    trafficFrom: given !== undefined ? "given" : unitsPerDay === null ? null : "usage",
    history,
    ...(plan ?? { metrics: [], warnings: [] }),
    cutOff,
    cannotConclude,
    gate,
  };
}
