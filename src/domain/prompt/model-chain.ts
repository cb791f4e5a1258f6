import { isForeign } from "../models/vendor-params.ts";
import { isProvider } from "../models/vendors.ts";
import { type Artifact, type Fallback, parseModelTarget } from "./artifact.ts";

/**
 * A version as each of its models is sent it: its own model, then those that are asked when that gives no answer, each
 * model once.
 */
export function modelChain(
  artifact: Artifact,
  fallbacks: readonly Fallback[] = artifact.fallbacks ?? [],
): readonly Artifact[] {
  const chain = new Map<string, Artifact>();
  for (const one of [artifact.model, ...fallbacks]) {
    const { model, params } =
      typeof one === "string" ? { model: one, params: paramsFor(one, artifact) } : one;
    if (!chain.has(model)) chain.set(model, { ...artifact, model, params });
  }
  return [...chain.values()];
}

/** Of another vendor without the parameters that only its own has. */
function paramsFor(model: string, { params, model: own }: Artifact): Artifact["params"] {
  const provider = parseModelTarget(model)?.provider;
  if (model === own || provider === undefined || !isProvider(provider)) return params;
  return Object.fromEntries(Object.entries(params).filter(([name]) => !isForeign(provider, name)));
}
