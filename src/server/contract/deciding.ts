import * as v from "valibot";
import { reason } from "./labels.ts";
import { versionNumber } from "./prompts.ts";
import { label, model, promptName, tenant, uuid } from "./resolver.ts";

export const anchorBody = v.strictObject({
  prompt: promptName,
  version: versionNumber,
  label: v.optional(label),
  model: v.optional(model),
  tenant: v.optional(tenant),
  reason,
});

/** As `sluice rollout anchor --json`. */
export const namedAnchor = v.object({ anchor: v.string(), label: v.string() });

const rules = v.pipe(v.string(), v.minLength(1), v.maxLength(20));

export const rulesBody = v.strictObject({
  to: rules,
  /** One rollout; every running one of the version `from` when absent. */
  rolloutId: v.optional(uuid),
  from: v.optional(rules),
  reason,
});

/** As `sluice rollout rules --json`. */
export const movedRules = v.object({
  to: v.string(),
  moved: v.array(v.object({ rolloutId: v.string(), prompt: v.string(), label: v.string() })),
});
