import { SluiceError } from "../../domain/errors.ts";
import type { Rights } from "../../domain/shapes/rights.ts";
import type { DraftAct, WholeDraft } from "../../domain/shapes/drafts.ts";
import {
  listDraftRevisions,
  listDrafts,
  noSuchDraft,
  promptOfDraft,
  requireDraft,
  requireDraftRevision,
} from "../../storage/read/drafts.ts";
import { discardOneDraft } from "../../use-cases/discard-draft.ts";
import { openOneDraft } from "../../use-cases/open-draft.ts";
import { saveOneDraft } from "../../use-cases/save-draft.ts";
import { accountOf } from "../auth/account-of.ts";
import {
  discardedDraft,
  draftBody,
  draftChange,
  draftList,
  draftParams,
  draftRevision,
  draftRevisionList,
  draftRevisionParams,
  draftsQuery,
  wholeDraft,
} from "../contract/drafts.ts";
import { nextOf, USUAL_ITEMS } from "../contract/paging.ts";
import type { Parts } from "../parts.ts";
import { expectedRevision } from "../requests/expected-revision.ts";
import { operationUuid } from "../requests/idempotency-key.ts";
import { RequestRefused } from "../requests/problem.ts";
import { rightTo } from "../rights/rights.ts";
import { type AnyRoute, answer, type Caller, defineRoute, type Place } from "../route.ts";

/** As much as a prompt file may hold, with room for what is not right yet. */
const MOST_BYTES = 4 << 20;

async function placeOf(draft: string, { db }: Parts, use: Place["use"]): Promise<Place> {
  const prompt = await promptOfDraft(db, draft);
  if (prompt === undefined) throw noSuchDraft(draft);
  return { prompt, use };
}

type OfDraft = { readonly params: { readonly draft: string } };
const read = ({ params }: OfDraft, parts: Parts) => placeOf(params.draft, parts, "read");
const change = ({ params }: OfDraft, parts: Parts) => placeOf(params.draft, parts, "change");

export const listAllDrafts = defineRoute({
  method: "GET",
  path: "/v1/drafts",
  summary: "What people are writing, without its text: what was last worked on first",
  allow: { permission: "read", places: "filtered" },
  limit: "read",
  query: draftsQuery,
  answers: { 200: draftList },
  async run({ query, caller, parts: { db } }) {
    const { prompt, mine = false, limit = USUAL_ITEMS, cursor: after } = query;
    const account = accountOf(caller);
    const of = mine ? account : undefined;
    const items = await listDrafts(db, { prompt, of, seen: caller.grants, limit, after }, account);
    return answer(200, { items, next: nextOf(items, limit, ({ draftId }) => draftId) });
  },
});

export const openDraft = defineRoute({
  method: "POST",
  path: "/v1/drafts",
  summary: "A new draft of a prompt, or of one that there will be",
  about:
    "It is that of whoever asks, and nobody else changes it; anybody who may read the prompt reads it. One that nobody has worked on for 90 days is removed.",
  allow: { permission: "author", places: ({ body: { prompt } }) => ({ prompt, use: "change" }) },
  limit: "write",
  bodyLimit: MOST_BYTES,
  body: draftBody,
  answers: { 201: wholeDraft },
  idempotency: "operation",
  async run({ body, caller, parts, operationId }) {
    const account = accountOf(caller);
    const id = operationUuid(operationId);
    const draft = await openOneDraft(caller.acting(), { ...body, id, account, owner: caller.key.owner });
    return answer(201, await withRights(draft, caller, parts), { etag: `"${draft.revision}"` });
  },
});

export const getDraft = defineRoute({
  method: "GET",
  path: "/v1/drafts/:draft",
  summary: "A draft, whole",
  allow: { permission: "read", places: read },
  limit: "read",
  params: draftParams,
  answers: { 200: wholeDraft },
  async run({ params, caller, parts }) {
    const draft = await requireDraft(parts.db, params.draft, accountOf(caller));
    return answer(200, await withRights(draft, caller, parts), { etag: `"${draft.revision}"` });
  },
});

export const saveDraft = defineRoute({
  method: "PATCH",
  path: "/v1/drafts/:draft",
  summary: "Saves a draft",
  about:
    "On the revision that was read: `If-Match` (412 when it was saved from somewhere else meanwhile) or `expectedRevision` (409). What is left out stays as it is.",
  allow: { permission: "author", places: change },
  limit: "write",
  bodyLimit: MOST_BYTES,
  params: draftParams,
  body: draftChange,
  answers: { 200: wholeDraft },
  idempotency: "natural",
  async run({ params, body, caller, parts, header }) {
    const { expectedRevision: inBody, ...changes } = body;
    const expected = expectedRevision(header, inBody);
    const account = await assertMine(params.draft, caller, parts);
    const save = { ...changes, id: params.draft, account, revision: expected.revision };
    const draft = await saveOneDraft(caller.acting(), save).catch((error: unknown) => {
      throw expected.from === "header" && error instanceof SluiceError && error.code === "conflict"
        ? new RequestRefused("precondition_failed", error.message, {}, error.details)
        : error;
    });
    return answer(200, await withRights(draft, caller, parts), { etag: `"${draft.revision}"` });
  },
});

export const discardDraft = defineRoute({
  method: "DELETE",
  path: "/v1/drafts/:draft",
  summary: "Discards a draft for good",
  allow: { permission: "author", places: change },
  limit: "write",
  params: draftParams,
  answers: { 200: discardedDraft },
  idempotency: "natural",
  async run({ params: { draft: draftId }, caller, parts }) {
    const account = await assertMine(draftId, caller, parts);
    return answer(200, {
      draftId,
      discarded: await discardOneDraft(caller.acting(), { id: draftId, account }),
    });
  },
});

export const listRevisionsOfDraft = defineRoute({
  method: "GET",
  path: "/v1/drafts/:draft/revisions",
  summary: "How a draft was: one a minute while it was written, the newest 50",
  allow: { permission: "read", places: read },
  limit: "read",
  params: draftParams,
  answers: { 200: draftRevisionList },
  run: async ({ params, parts: { db } }) =>
    answer(200, { items: await listDraftRevisions(db, params.draft), next: null }),
});

export const getRevisionOfDraft = defineRoute({
  method: "GET",
  path: "/v1/drafts/:draft/revisions/:revision",
  summary: "What a draft said at one of its revisions",
  allow: { permission: "read", places: read },
  limit: "read",
  params: draftRevisionParams,
  answers: { 200: draftRevision },
  run: async ({ params: { draft, revision }, parts: { db } }) =>
    answer(200, await requireDraftRevision(db, draft, revision)),
});

/** Gives whose it is: the caller's, or it is `forbidden`. One whose prompt they may not see is not there. */
async function assertMine(id: string, caller: Caller, { db }: Pick<Parts, "db">): Promise<string> {
  const account = accountOf(caller);
  const { mine, owner } = await requireDraft(db, id, account);
  if (mine) return account;
  throw new SluiceError("forbidden", `this is ${owner}'s draft: copy it to one of your own`, { owner });
}

async function withRights(draft: WholeDraft, caller: Caller, parts: Parts) {
  const right = async (route: AnyRoute) =>
    draft.mine
      ? rightTo(route, { prompt: draft.prompt, use: "change" }, { caller, parts })
      : ({
          allowed: false,
          because: "right",
          why: `this is ${draft.owner}'s draft: copy it to one of your own`,
        } as const);
  const can: Rights<DraftAct> = { save: await right(saveDraft), discard: await right(discardDraft) };
  return { ...draft, can };
}
