import { parseModelTarget } from "../domain/prompt/artifact.ts";
import type { Check } from "../domain/shapes/examination.ts";
import { messageOf } from "../domain/errors.ts";
import { failureKind } from "../providers/failure-kinds.ts";
import type { Providers } from "../providers/create-providers.ts";
import { checksOf } from "./check.ts";

const { ok, note, todo, down } = checksOf("models");

/** Whether the models that live versions name could be called from here, with the keys of this environment, and are paid for at a known price. */
export async function examineModels(
  models: readonly string[],
  readProviders: () => Promise<Providers>,
  signal: AbortSignal,
): Promise<Check[]> {
  const targets = models.flatMap((model) => parseModelTarget(model) ?? []);
  if (targets.length === 0) return [ok("models", "none is needed yet: no version is live")];
  let providers: Providers;
  try {
    providers = await readProviders();
  } catch (error) {
    return [todo("configuration", messageOf(error), "mend what it names, here and for the workers")];
  }
  const byProvider = new Map(targets.map((target) => [target.provider, target]));
  const reached = await Promise.all(
    [...byProvider.values()].map(async (target) => {
      const name = target.provider;
      try {
        await providers.reach(target, signal);
        return ok(name, `${providers.endpointOf(target)} answers, and takes the key`);
      } catch (error) {
        const kind = failureKind(error);
        // The commands' environment need not be the workers'.
        if (kind === "no_key")
          return note(
            name,
            "this environment has no key for it; the workers' has to, or no gate can be passed",
          );
        const state = kind === "connection" || kind === "timeout" ? down : todo;
        return state(name, messageOf(error), "mend key, address or network, here and for the workers");
      }
    }),
  );
  const unpriced = targets.filter((target) => providers.priceOf(target) === undefined);
  return [...reached, pricesOf(unpriced.map(({ provider, model }) => `${provider}/${model}`))];
}

function pricesOf(unpriced: readonly string[]): Check {
  if (unpriced.length === 0) return ok("prices", "known for the models of all live versions");
  return todo(
    "prices",
    `not known: ${unpriced.join(", ")}; a gate with max_cost_usd refuses them, and their cost is not shown`,
    "name them in a file, and the file in SLUICE_PRICES (docs/reference/operations.md, Prices)",
  );
}
