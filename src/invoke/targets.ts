import { type Artifact, parseModelTarget } from "../domain/prompt/artifact.ts";
import { invalidInput } from "../domain/errors.ts";
import { modelChain } from "../domain/prompt/model-chain.ts";
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
  return modelChain(artifact, requested === false ? [] : requested).map(targetOf);
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
