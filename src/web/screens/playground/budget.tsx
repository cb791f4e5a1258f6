import type { DailyBudget } from "../../../domain/shapes/playground.ts";

/** What whoever looks may still spend today. */
export function Budget({ budget: { capUsd, spentUsd, reservedUsd } }: { readonly budget: DailyBudget }) {
  const left = Math.max(0, capUsd - spentUsd - reservedUsd);
  return (
    <>
      You have ${left.toFixed(2)} of ${capUsd.toFixed(2)} left for today.
    </>
  );
}
