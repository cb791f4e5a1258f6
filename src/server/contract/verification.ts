import * as v from "valibot";
import { promptName } from "./resolver.ts";

/** As `sluice audit recompute --json`. */
export const recomputed = v.object({
  rolloutId: v.string(),
  looks: v.number(),
  identical: v.boolean(),
  different: v.number(),
  /** The first look that comes out otherwise. */
  first: v.nullable(
    v.object({
      tick: v.number(),
      at: v.string(),
      codeVersion: v.string(),
      field: v.string(),
      stored: v.unknown(),
      computed: v.unknown(),
    }),
  ),
  codeVersions: v.record(v.string(), v.number()),
  notComputed: v.record(v.string(), v.number()),
  /** Looks that decided nothing and whose time was over; null: none. */
  removed: v.nullable(v.object({ rows: v.number(), removedAt: v.string() })),
});

/** Of this prompt alone, where one is named. */
export const verificationQuery = v.strictObject({ prompt: v.optional(promptName) });

/** As `sluice audit --verify --json`. */
export const verification = v.object({
  ok: v.boolean(),
  entries: v.number(),
  prompts: v.number(),
  broken: v.array(v.object({ prompt: v.string(), seq: v.number(), problem: v.string() })),
  astray: v.array(v.object({ prompt: v.string(), scope: v.string(), problem: v.string() })),
});

/** What was last found, and whether it is being computed again at this moment. */
export const rememberedVerification = v.object({
  checkedAt: v.nullable(v.string()),
  isRunning: v.boolean(),
  found: v.nullable(verification),
  /** Why the last one came to nothing. */
  failed: v.nullable(v.string()),
});
