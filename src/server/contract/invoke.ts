import * as v from "valibot";
import { LONGEST_MS, MOST_RETRIES } from "../../invoke/call-limits.ts";
import { asked, rendering } from "./prompts.ts";
import { uuid } from "./resolver.ts";

const { format: _, ...values } = rendering;

const milliseconds = v.pipe(v.number(), v.minValue(0), v.maxValue(LONGEST_MS));

export const invokeBody = v.strictObject({
  ...asked,
  ...values,
  /** `provider/model`, in place of the version's; false: none. */
  fallbacks: v.optional(v.union([v.literal(false), v.pipe(v.array(v.string()), v.maxLength(5))])),
  limits: v.optional(
    v.strictObject({
      firstTokenMs: v.optional(milliseconds),
      idleMs: v.optional(milliseconds),
      attemptMs: v.optional(milliseconds),
      deadlineMs: v.optional(milliseconds),
      maxRetries: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(MOST_RETRIES))),
      maxRetryAfterMs: v.optional(milliseconds),
    }),
  ),
  repair: v.optional(
    v.strictObject({ local: v.optional(v.boolean()), asks: v.optional(v.picklist([0, 1, 2])) }),
  ),
  /** One outcome, however often the call is made. */
  id: v.optional(uuid),
});

const tokens = v.number();

export const invoked = v.object({
  text: v.string(),
  /** Of a version with an `output_schema`. */
  output: v.nullable(v.unknown()),
  toolCalls: v.array(v.object({ id: v.string(), name: v.string(), arguments: v.string() })),
  finishReason: v.picklist(["stop", "length", "tool_calls", "content_filter", "other"]),
  refused: v.boolean(),
  usage: v.object({
    inputTokens: tokens,
    cachedInputTokens: tokens,
    cacheWriteTokens: tokens,
    outputTokens: tokens,
    reasoningTokens: tokens,
  }),
  /** US dollars; null where a price is not known. */
  costUsd: v.nullable(v.number()),
  latencyMs: v.number(),
  ttftMs: v.nullable(v.number()),
  target: v.string(),
  responseModel: v.nullable(v.string()),
  attempts: v.array(
    v.object({ target: v.string(), result: v.string(), ms: v.number(), costUsd: v.nullable(v.number()) }),
  ),
  fallback: v.boolean(),
  repaired: v.picklist(["no", "local", "asked"]),
  prompt: v.string(),
  version: v.nullable(v.number()),
  label: v.string(),
  arm: v.picklist(["candidate", "control", "unenrolled"]),
  /** For what else comes of it: send it to /v1/outcomes. */
  token: v.string(),
  warnings: v.array(v.string()),
  /** Of the outcome that was recorded. */
  outcomeId: v.string(),
});
