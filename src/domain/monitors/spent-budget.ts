import type { ScopeColumns } from "../scope.ts";

/** A budget of a day of UTC that is spent, and stops the calls of its scope; `model` and `tenant` are "" for every one. */
export interface SpentBudget extends ScopeColumns {
  /** In US dollars, since the day began. */
  readonly spentUsd: number;
  readonly budgetUsd: number;
  /** Until the day is over, by the store's clock, in ms. */
  readonly leftMs: number;
}

/** Whether a call is one of those that a budget is of. */
export function isSpentBy({ prompt, label, model, tenant }: ScopeColumns, call: ScopeColumns): boolean {
  return (
    prompt === call.prompt &&
    label === call.label &&
    (model === "" || model === call.model) &&
    (tenant === "" || tenant === call.tenant)
  );
}
