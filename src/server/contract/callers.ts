import * as v from "valibot";
import { SENT_TYPES } from "../../domain/prompt/caller-report.ts";
import { label, promptName } from "./resolver.ts";

const text = v.nullable(v.string());
const MOST_DAYS = 90;

export const callersQuery = v.strictObject({
  prompt: promptName,
  label: v.optional(label),
  days: v.optional(
    v.pipe(v.string(), v.regex(/^([1-9]|[1-8][0-9]|90)$/, "must be from 1 to 90"), v.transform(Number)),
  ),
});

/** As `sluice callers --json`. */
export const callers = v.object({
  prompt: v.string(),
  days: v.number(),
  callers: v.array(
    v.object({
      service: v.string(),
      label: v.string(),
      tenant: text,
      calls: v.number(),
      firstSeen: v.string(),
      lastSeen: v.string(),
      values: v.array(
        v.object({
          kind: v.picklist(["variable", "placeholder"]),
          name: v.string(),
          types: v.array(v.picklist(SENT_TYPES)),
          longest: v.nullable(v.number()),
          calls: v.number(),
          lastSeen: v.string(),
          always: v.boolean(),
        }),
      ),
    }),
  ),
});

export const impactBody = v.strictObject({
  prompt: promptName,
  /** A version that there is; or else a file. */
  version: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(1))),
  /** What a prompt file holds. */
  file: v.optional(v.record(v.string(), v.unknown())),
  label: v.optional(label),
  days: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(MOST_DAYS))),
});

const callerBreak = v.object({
  service: v.string(),
  label: v.string(),
  tenant: text,
  severity: v.picklist(["error", "warning"]),
  part: v.string(),
  message: v.string(),
});

/** As `sluice impact --json`. */
export const impact = v.object({
  prompt: v.string(),
  version: v.nullable(v.number()),
  days: v.number(),
  callers: v.number(),
  breaks: v.array(callerBreak),
  dependants: v.array(
    v.object({
      prompt: v.string(),
      version: v.number(),
      includes: v.string(),
      via: text,
      level: v.number(),
      live: v.array(v.string()),
      tokens: v.number(),
      tokensAfter: v.nullable(v.number()),
      problem: text,
      breaks: v.array(callerBreak),
    }),
  ),
});
