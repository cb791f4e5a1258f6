import type { RolloutPlan } from "../domain/shapes/planning.ts";
import type { ScopeColumns } from "../domain/scope.ts";
import type { PlannedRollout } from "./plan-rollout.ts";

/** A plan as `sluice plan --json` has it; `unitsPerDay` is what was given, undefined where nothing was. */
export function planDocument(
  { policy, plan, unitsPerDay, ...planned }: PlannedRollout,
  { scope, unitsPerDay: given }: { readonly scope: ScopeColumns; readonly unitsPerDay?: number | undefined },
): RolloutPlan {
  const { candidate, baseline, history, cutOff, shortWindows, cannotConclude, gate } = planned;
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
    shortWindows,
    maxDurationMs: policy.canary?.max_duration_ms ?? null,
    holdback: policy.watch ? { share: policy.watch.holdback / 100, forMs: policy.watch.for_ms } : null,
    cannotConclude,
    gate,
  };
}
