import * as v from "valibot";
import { DRAFT_ACTS } from "../../domain/shapes/drafts.ts";
import { flag, limit, pageOf } from "./paging.ts";
import { versionNumber, versionText } from "./prompts.ts";
import { promptName, uuid } from "./resolver.ts";
import { rights } from "./rights.ts";

const anything = v.record(v.string(), v.unknown());
const base = v.nullable(versionNumber);

export const draftsQuery = v.strictObject({
  prompt: v.optional(promptName),
  /** Only those of whoever asks. */
  mine: v.optional(flag),
  limit: v.optional(limit),
  /** `next` of the page before. */
  cursor: v.optional(uuid),
});

const listed = {
  draftId: v.string(),
  prompt: v.string(),
  /** The number of the version that it began as; null: none. */
  base: v.nullable(v.number()),
  owner: v.string(),
  /** Nobody else changes it. */
  mine: v.boolean(),
  revision: v.number(),
  createdAt: v.string(),
  updatedAt: v.string(),
  /** When it is removed, unless somebody works on it. */
  keptUntil: v.string(),
};
export const draftList = pageOf(v.object(listed));

/** What it says: a prompt file without its name, which need not be right. */
const says = { file: anything, values: anything };
export const wholeDraft = v.object({
  ...listed,
  file: v.object({}),
  values: v.object({}),
  can: rights(DRAFT_ACTS),
});

export const draftBody = v.strictObject({
  /** It need not exist yet. */
  prompt: promptName,
  base: v.optional(base, null),
  file: says.file,
  /** What its variables are in the preview. */
  values: v.optional(says.values, {}),
});

export const draftParams = v.strictObject({ draft: uuid });
export const draftChange = v.strictObject({
  base: v.optional(base),
  file: v.optional(says.file),
  values: v.optional(says.values),
  /** Where no `If-Match` says it. */
  expectedRevision: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
  /** Keeps how it was until now among its revisions, as before a merge. */
  keepBefore: v.optional(v.boolean()),
});

export const discardedDraft = v.object({
  draftId: v.string(),
  /** False: somebody was faster. */
  discarded: v.boolean(),
});

const revision = { revision: v.number(), base: v.nullable(v.number()), at: v.string() };
export const draftRevisionParams = v.strictObject({ draft: uuid, revision: versionText });
export const draftRevisionList = pageOf(v.object(revision));
export const draftRevision = v.object({ ...revision, file: v.object({}) });
