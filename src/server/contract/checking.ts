import * as v from "valibot";
import { label, model, promptName, tenant } from "./resolver.ts";
import { finding } from "./versions.ts";

export const checkBody = v.strictObject({
  prompt: promptName,
  /** What a prompt file holds. */
  file: v.record(v.string(), v.unknown()),
  /** Compared with what is served there. */
  label: v.optional(label),
  model: v.optional(model),
  tenant: v.optional(tenant),
});

const cost = v.object({
  tokens: v.number(),
  tokensExact: v.boolean(),
  /** US dollars, of its own text alone. */
  perThousandCalls: v.nullable(v.number()),
});

export const checkedDocument = v.object({
  /** What keeps it from being a version. */
  problems: v.array(v.string()),
  findings: v.array(finding),
  cost: v.nullable(cost),
  live: v.nullable(v.object({ ...cost.entries, version: v.string() })),
});
