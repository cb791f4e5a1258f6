import type { HeldBack } from "../models/circuits.ts";
import type { SpentBudget } from "../monitors/spent-budget.ts";
import { dollars } from "./amounts.ts";

/** A model in the order in which a call asks them. */
interface Asked {
  /** `provider/model`. */
  readonly target: string;
  /** Base URL; null where the provider is not known here. */
  readonly endpoint: string | null;
}

/** Why a call would not be made of a model that it should ask; a sentence each. */
export function sayObstacles(
  targets: readonly Asked[],
  { held, stop }: { readonly held: readonly HeldBack[]; readonly stop?: SpentBudget | undefined },
): string[] {
  const heldBack = targets.filter((asked) => held.some((one) => one.state === "open" && isOf(asked, one)));
  return [
    ...(stop === undefined
      ? []
      : [
          `${dollars(stop.spentUsd)} of the ${dollars(stop.budgetUsd)} that a day may cost are spent: until 00:00 UTC ${targets[0]!.target} is not asked, and a fallback only where it costs less`,
        ]),
    ...heldBack.map(({ target }) => `calls are held back from ${target} for now: sluice breakers list`),
  ];
}

function isOf({ target, endpoint }: Asked, { provider, endpoint: failing, model }: HeldBack): boolean {
  return endpoint === failing && (model === null || target === `${provider}/${model}`);
}
