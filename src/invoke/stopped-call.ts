import { SluiceError } from "../domain/errors.ts";
import type { SpentBudget } from "../domain/monitors/spent-budget.ts";
import { dollars } from "../domain/plain/amounts.ts";
import type { ResolvedPrompt } from "../resolver/serving/resolved-prompt.ts";
import type { Call } from "./call.ts";
import { codeOfKind } from "./failure.ts";
import { mostCostOf } from "./most-cost.ts";
import type { SpentBudgets } from "./spent-budgets.ts";

/** The budget of the day that stops a call of what is served; undefined: it may be made. */
export function stopOf(budgets: SpentBudgets | undefined, resolved: ResolvedPrompt): SpentBudget | undefined {
  const { subject, prompt } = resolved;
  if (!budgets || !subject) return undefined;
  const { label, model, tenant } = subject;
  return budgets.stopOf({ prompt, label, model, tenant });
}

/**
 * Takes the version's own model out of a call, and the fallbacks that cost no less for the same messages, as far as prices
 * are known. Where nobody is left it fails with kind `budget`, before anything is sent.
 */
export function goOnCheaper(call: Call, stop: SpentBudget): void {
  const [own, ...fallbacks] = call.targets.map((target) => ({
    target,
    ...mostCostOf(target, call.messages, call.providers),
  }));
  const cheaper = fallbacks.filter(
    ({ mostUsd }) => mostUsd !== null && own!.mostUsd !== null && mostUsd < own!.mostUsd,
  );
  call.account.isStopped = true;
  if (cheaper.length === 0) throw spent(stop);
  call.targets = [own!.target, ...cheaper.map(({ target }) => target)];
  call.at = 1;
}

function spent({ prompt, label, model, tenant, spentUsd, budgetUsd, leftMs }: SpentBudget): SluiceError {
  const place = [`${prompt} in ${label}`, model, tenant].filter((part) => part !== "").join(", ");
  return new SluiceError(
    codeOfKind("budget"),
    `${place} has cost ${dollars(spentUsd)} today, of the ${dollars(budgetUsd)} that a day may cost, and no fallback is known to cost less: its calls are refused until 00:00 UTC; raise per_day_usd, or take stop away, with sluice monitors set`,
    { kind: "budget", prompt, label, model, tenant, spentUsd, budgetUsd, retryAfterMs: Math.ceil(leftMs) },
  );
}
