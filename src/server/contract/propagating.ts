import * as v from "valibot";
import { PROPAGATION_STATES } from "../../domain/shapes/propagating.ts";
import { versionNumber } from "./prompts.ts";
import { label, promptName, uuid } from "./resolver.ts";

const text = v.nullable(v.string());
const MOST_NAMED = 1_000;

export const propagationBody = v.strictObject({
  /** The version that is to be included. */
  prompt: promptName,
  version: versionNumber,
  /** Only these prompts, and what they include it by; all that include it when absent. */
  to: v.optional(v.pipe(v.array(promptName), v.minLength(1), v.maxLength(MOST_NAMED))),
  /** Made anew from what this label serves; from their newest versions when absent. */
  label: v.optional(label),
  /** Also rolls each one out under the label, `production` when absent. */
  rollout: v.optional(v.boolean(), false),
  /** What the gates of all of them may spend together; as much as one evaluation may when absent. */
  maxCostUsd: v.optional(v.pipe(v.number(), v.gtValue(0))),
});

export const propagationParams = v.strictObject({ id: uuid });

/** As `sluice propagate --json`. */
export const propagation = v.object({
  propagationId: v.string(),
  version: v.string(),
  label: text,
  rollout: v.boolean(),
  maxCostUsd: v.nullable(v.number()),
  startedBy: v.string(),
  startedAt: v.string(),
  endedAt: text,
  reason: v.string(),
  dependants: v.array(
    v.object({
      prompt: v.string(),
      level: v.number(),
      from: v.string(),
      version: text,
      state: v.picklist(PROPAGATION_STATES),
      reason: v.string(),
      evaluationId: text,
      rolloutId: text,
      patch: v.nullable(
        v.object({ repository: v.string(), path: v.string(), from: v.string(), to: v.string() }),
      ),
    }),
  ),
});
