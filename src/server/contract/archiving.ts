import * as v from "valibot";
import { reason } from "./labels.ts";

export const archiveBody = v.strictObject({ archived: v.boolean(), reason });

/** As `sluice archive --json`. */
export const archivedPrompt = v.object({
  prompt: v.string(),
  archived: v.boolean(),
  /** False: it was so already. */
  changed: v.boolean(),
});
