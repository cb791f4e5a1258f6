import * as v from "valibot";
import { limit, pageOf } from "./paging.ts";
import { versionText } from "./prompts.ts";
import { since } from "./records.ts";
import { promptName, uuid } from "./resolver.ts";

export const feedbackQuery = v.strictObject({
  prompt: promptName,
  version: v.optional(versionText),
  /** Only those whose rating is this: of a metric that is a rating by its name. */
  rating: v.optional(
    v.pipe(v.string(), v.regex(/^-?[0-9]{1,4}(\.[0-9]{1,3})?$/, "must be a number"), v.transform(Number)),
  ),
  only: v.optional(v.picklist(["feedback", "sample"], "must be feedback or sample")),
  /** The last 7 days when absent. */
  since: v.optional(since),
  limit: v.optional(limit),
  /** `next` of the page before. */
  cursor: v.optional(uuid),
});

/** As `sluice feedback --json`. */
export const feedbackList = pageOf(
  v.object({
    outcomeId: v.string(),
    version: v.number(),
    receivedAt: v.string(),
    rolloutId: v.nullable(v.string()),
    arm: v.nullable(v.picklist(["candidate", "control"])),
    metrics: v.object({}),
    feedback: v.nullable(v.string()),
    sample: v.unknown(),
  }),
);
