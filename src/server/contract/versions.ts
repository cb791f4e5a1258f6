import * as v from "valibot";
import { VERSION_STATUSES } from "../../domain/prompt/version-status.ts";
import { flag, limit, pageOf } from "./paging.ts";
import { versionNumber, versionText } from "./prompts.ts";
import { label, promptName } from "./resolver.ts";

const MOST_MESSAGE = 2_000;
const MOST_PREFIX = 128;
const text = v.nullable(v.string());
const anything = v.record(v.string(), v.unknown());
const messageText = v.pipe(v.string(), v.maxLength(MOST_MESSAGE));

/** As `sluice versions --json`; `version_id` is what other tools call it. */
const listed = {
  prompt: v.string(),
  version: v.number(),
  semver: v.string(),
  versionId: v.string(),
  version_id: v.string(),
  sha256: v.string(),
  status: v.string(),
  live: v.array(v.string()),
  wasLive: v.boolean(),
  author: v.string(),
  message: v.string(),
  model: v.string(),
  description: v.string(),
  tags: v.array(v.string()),
  tokens: v.number(),
  staleIncludes: v.array(v.object({ prompt: v.string(), version: v.number(), newest: v.number() })),
  metadata: v.object({}),
  createdAt: v.string(),
  tested: v.nullable(
    v.object({
      verdict: v.picklist(["pass", "fail", "insufficient"]),
      reason: text,
      at: v.string(),
      by: v.picklist(["gate", "eval"]),
    }),
  ),
  rollout: v.nullable(v.object({ rolloutId: v.string(), outcome: text, phase: v.string() })),
};
const sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, "must be 64 hex digits"));
export const finding = v.object({
  code: v.string(),
  severity: v.picklist(["warning", "error"]),
  message: v.string(),
});

export const versionsQuery = v.strictObject({
  status: v.optional(v.picklist(VERSION_STATUSES, `must be one of: ${VERSION_STATUSES.join(", ")}`)),
  author: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(MOST_PREFIX))),
  limit: v.optional(limit),
  /** `next` of the page before, or any number: the page is of versions below it. */
  cursor: v.optional(versionText),
});
export const versionList = pageOf(v.object(listed));

export const versionParams = v.strictObject({ name: promptName, version: versionText });
export const versionQuery = v.strictObject({ as: v.optional(v.literal("file")) });
/** As `sluice show --json`. */
export const wholeVersion = v.object({
  ...listed,
  artifact: v.object({}),
  /** US dollars, of its own text alone; null where the model's price is not known. */
  perThousandCalls: v.nullable(v.number()),
  findings: v.array(finding),
});

export const usesQuery = v.strictObject({ prompt: promptName });
export const useItem = v.object({
  prompt: v.string(),
  version: v.number(),
  versionId: v.string(),
  includes: v.string(),
  via: text,
  live: v.array(v.string()),
});
/** As `sluice versions --used-by --json`. */
export const useList = v.object({ items: v.array(useItem), next: v.null() });

export const promptsQuery = v.strictObject({
  /** How the names begin. */
  prefix: v.optional(v.pipe(v.string(), v.maxLength(MOST_PREFIX))),
  /** In the name, the description or a tag, in any case. */
  q: v.optional(v.pipe(v.string(), v.maxLength(MOST_PREFIX))),
  tag: v.optional(v.string()),
  /** A label that serves a version of it. */
  label: v.optional(label),
  /** Those that were put away, in place of the others. */
  archived: v.optional(flag),
  limit: v.optional(limit),
  cursor: v.optional(promptName),
});
export const listedPrompt = v.object({
  prompt: v.string(),
  description: v.string(),
  tags: v.array(v.string()),
  archived: v.boolean(),
  newest: v.nullable(v.object(listed)),
  policySha256: text,
  live: v.array(v.object({ scope: v.string(), version: v.string(), candidate: text })),
});
/** As `sluice list --json`. */
export const promptList = pageOf(
  v.object({
    ...listedPrompt.entries,
    /** Of any of its versions in the last 7 days. */
    calls: v.number(),
  }),
);

/** A list of test cases, or an object that has them. The list first: it would pass for an object too. */
export const dataset = v.union([v.array(v.unknown()), anything]);

export const pushBody = v.strictObject({
  /** What a prompt file holds. */
  file: anything,
  message: v.optional(messageText, ""),
  /** The version that it was made from, by its number or its SHA-256: a newer one is a conflict. */
  base: v.optional(v.union([versionNumber, sha256])),
  /** What rollouts of the prompt follow from now on, unless they name another. */
  policy: v.optional(anything),
  /** The test cases of the policy's gate. */
  dataset: v.optional(dataset),
  /** Why it may hold what looks like a secret. Kept in the audit log. */
  allowSecret: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(MOST_MESSAGE))),
  /** Why it is saved although Git owns the prompt and says something else; takes what `force` takes. */
  emergency: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(MOST_MESSAGE))),
});
/** With a body in YAML, which is the file alone. */
export const pushQuery = v.strictObject({ message: v.optional(messageText), base: v.optional(versionText) });

/** As `sluice push --json`. */
export const pushedVersion = v.object({
  prompt: v.string(),
  version: v.number(),
  semver: v.string(),
  versionId: v.string(),
  version_id: v.string(),
  sha256: v.string(),
  /** False: there was a version of this content. */
  created: v.boolean(),
  tokens: v.number(),
  tokensExact: v.boolean(),
  metadata: v.object({}),
  /** The prompt was put away: no version of it is rolled out. */
  archived: v.boolean(),
  findings: v.array(finding),
});
