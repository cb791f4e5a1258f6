import * as v from "valibot";
import { PLAYGROUND_ACTS } from "../../domain/shapes/playground.ts";
import { versionNumber } from "./prompts.ts";
import { label, model, promptName, tenant } from "./resolver.ts";
import { rights } from "./rights.ts";

const anything = v.record(v.string(), v.unknown());

export const playgroundQuery = v.strictObject({ prompt: promptName });

export const playgroundRun = v.pipe(
  v.strictObject({
    prompt: promptName,
    /** One of its versions … */
    version: v.optional(versionNumber),
    /** … or what a prompt file holds, without its name. */
    file: v.optional(anything),
    /** Of its variables; what it has no variable for is left out. */
    values: v.optional(anything, {}),
    /** `provider/model`, in place of its own. */
    model: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(256))),
    /** In place of all its own parameters. */
    params: v.optional(anything),
  }),
  v.check(
    ({ version, file }) => (version === undefined) !== (file === undefined),
    "give version or file, and not both",
  ),
);

export const testRun = v.strictObject({
  prompt: promptName,
  /** What a prompt file holds, without its name. */
  file: anything,
  /** Compared with what is served there. */
  label: v.optional(label),
  model: v.optional(model),
  tenant: v.optional(tenant),
  /** All cases as often as the gate says; a sample of ten, once, when false. */
  whole: v.optional(v.boolean(), false),
});

export const playground = v.object({
  prompt: v.string(),
  /** The test cases of the prompt's golden set, the first 200. */
  cases: v.array(v.object({ index: v.number(), description: v.nullable(v.string()), values: anything })),
  /** Of whoever asks, in US dollars. */
  budget: v.object({
    capUsd: v.number(),
    spentUsd: v.number(),
    /** The most that calls under way can still cost. */
    reservedUsd: v.number(),
    /** When it begins anew. */
    resetsAt: v.string(),
  }),
  can: rights(PLAYGROUND_ACTS),
});
