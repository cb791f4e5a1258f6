import type { ListedMonitor } from "../shapes/monitors.ts";
import { counted } from "../text/counted.ts";
import { dollars } from "./amounts.ts";

/** How far a budget of the day is spent, and what stopping calls can be late by; a sentence each. */
export function sayBudget({ spec, cost, state }: Pick<ListedMonitor, "spec" | "cost" | "state">): string[] {
  if (spec?.kind !== "cost" || cost === null) return [];
  const { spentUsd, overshootUsd } = cost;
  const spent = `${dollars(spentUsd)} of ${dollars(spec.per_day_usd)} are spent since 00:00 UTC`;
  return [
    state === "stopped" ? `${spent}: calls are refused, or go to a cheaper fallback, until 00:00 UTC` : spent,
    ...(overshootUsd === null
      ? []
      : [
          `beyond it about ${dollars(overshootUsd)} may be spent until every process has heard, at the rate of the dearest hour of the last day, and what is under way then`,
        ]),
  ];
}

/** Why a budget that stops calls is no budget of all of them; nothing where it is, or stops none. */
export function sayUncounted({
  spec,
  cost,
  name,
  prompt,
}: Pick<ListedMonitor, "spec" | "cost" | "name" | "prompt">): string[] {
  if (spec?.kind !== "cost" || !spec.stop || cost === null) return [];
  const { unpricedModels, uncountedCalls } = cost;
  return [
    ...(unpricedModels.length === 0
      ? []
      : [
          `${name} of ${prompt}: no price is known here of ${unpricedModels.join(", ")}, so calls of it count nothing and never spend the budget; give services its price (prices)`,
        ]),
    ...(uncountedCalls === 0
      ? []
      : [
          `${name} of ${prompt}: ${counted(uncountedCalls, "call")} of the last day recorded no cost, and count nothing`,
        ]),
  ];
}
