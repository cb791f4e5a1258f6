import * as v from "valibot";
import { reason } from "./labels.ts";

export const archiveBody = v.strictObject({
  archived: v.boolean(),
  reason,
  /** Also where it is served: services go on getting what they get. */
  stillServed: v.optional(v.boolean()),
});

/** As `sluice archive --json`. */
export const archivedPrompt = v.object({
  prompt: v.string(),
  archived: v.boolean(),
  /** False: it was so already. */
  changed: v.boolean(),
});
