import { invalidInput } from "../domain/errors.ts";
import { assertLabel, assertPromptName } from "../domain/names.ts";
import { DEFAULT_LABEL } from "../domain/scope.ts";

export interface PropagateRequest {
  /** The version that is to be included: `house-style@4`, or the newest of `house-style`. */
  readonly version: string;
  /** Only these prompts, and what they include it by; absent: all that include it. */
  readonly to?: readonly string[] | undefined;
  /** Made anew from what this label serves; absent: from their newest versions, or with `rollout` what production serves. */
  readonly label?: string | undefined;
  /** Also rolls each one out under the label. */
  readonly rollout?: boolean | undefined;
  /** What the gates of all of them may spend together. */
  readonly maxCostUsd?: number | undefined;
}

/** What a request says beside its version, checked: `invalid_input` says what cannot be. */
export function propagationOf({ to, label, rollout = false, maxCostUsd }: Omit<PropagateRequest, "version">) {
  if (maxCostUsd !== undefined && !(maxCostUsd > 0 && Number.isFinite(maxCostUsd)))
    throw invalidInput(`maxCostUsd: an amount in US dollars above 0, not ${maxCostUsd}`, { maxCostUsd });
  const named = label ?? (rollout ? DEFAULT_LABEL : undefined);
  return {
    to: to && to.length > 0 ? to.map((name) => assertPromptName(name)) : undefined,
    label: named === undefined ? undefined : assertLabel(named),
    rollout,
    maxCostUsd,
  };
}
