import { type Artifact, type Fallback, parseModelTarget } from "../domain/prompt/artifact.ts";
import { invalidInput } from "../domain/errors.ts";
import { isForeign } from "../domain/models/vendor-params.ts";
import { isProvider } from "../domain/models/vendors.ts";
import { shown } from "../domain/text/visible.ts";
import type { CallTarget } from "../providers/completion.ts";
import type { InvokeRequest } from "./invoke-request.ts";

/** A model that may answer, and the version as it is sent to it. */
export interface Target {
  /** `provider/model`. */
  readonly name: string;
  readonly call: CallTarget;
  readonly artifact: Artifact;
}

/**
 * The version's own model, then those that are asked when it gives no answer: its own fallbacks, or those of the request
 * in their place (false: none).
 */
export function targetsOf(artifact: Artifact, requested: InvokeRequest["fallbacks"]): readonly Target[] {
  const fallbacks: readonly Fallback[] = requested === false ? [] : (requested ?? artifact.fallbacks ?? []);
  const targets = new Map<string, Target>();
  for (const one of [artifact.model, ...fallbacks]) {
    const { model, params } =
      typeof one === "string" ? { model: one, params: paramsFor(one, artifact) } : one;
    if (!targets.has(model)) targets.set(model, targetOf({ ...artifact, model, params }));
  }
  return [...targets.values()];
}

function targetOf(artifact: Artifact): Target {
  const call = parseModelTarget(artifact.model);
  if (!call)
    throw invalidInput(
      `${shown(artifact.model)} is no model; write provider/model, as in openai/gpt-5.4-mini`,
      { model: artifact.model },
    );
  return { name: artifact.model, call, artifact };
}

/** Of another vendor without the parameters that only its own has. */
function paramsFor(model: string, { params, model: own }: Artifact): Artifact["params"] {
  const provider = parseModelTarget(model)?.provider;
  if (model === own || provider === undefined || !isProvider(provider)) return params;
  return Object.fromEntries(Object.entries(params).filter(([name]) => !isForeign(provider, name)));
}
