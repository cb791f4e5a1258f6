import * as v from "valibot";
import { label, model, promptName, tenant } from "./resolver.ts";

const text = v.nullable(v.string());

export const rulesQuery = v.strictObject({
  prompt: promptName,
  label: v.optional(label),
  model: v.optional(model),
  tenant: v.optional(tenant),
});

const recorded = v.looseObject({ metric: v.string(), n: v.number(), mean: v.number() });

export const rolloutRules = v.object({
  prompt: v.string(),
  label: v.string(),
  model: text,
  tenant: text,
  /** `support-reply@7`; null: nothing yet. */
  serves: text,
  /** The one that was pushed with the prompt, as it is stored: times in ms, shares in buckets of 10,000. */
  policy: v.nullable(v.looseObject({ metrics: v.record(v.string(), v.unknown()) })),
  /** The test cases of that policy's gate. */
  dataset: v.nullable(v.object({ name: v.string(), cases: v.number() })),
  /** What the version that is served has done in the last 7 days. */
  usage: v.object({
    outcomesPerDay: v.nullable(v.number()),
    baseline: v.nullable(v.looseObject({ executions: v.number(), metrics: v.array(recorded) })),
  }),
  /** How often rare events came, of the units of earlier rollouts. */
  baseRates: v.record(v.string(), v.object({ rate: v.number(), units: v.number(), events: v.number() })),
});
