import type * as v from "valibot";
import { invalidInput } from "../../domain/errors.ts";
import { promptFileText } from "../../domain/prompt/prompt-file-text.ts";
import { pageOfPrompts } from "../../storage/read/prompt-list.ts";
import { listVersions } from "../../storage/read/version-list.ts";
import { listUses } from "../../storage/read/used-by.ts";
import { pushDocument } from "../../use-cases/push-document.ts";
import { showVersion } from "../../use-cases/show-version.ts";
import { assertPromptSeen } from "../auth/prompt-seen.ts";
import { nextOf, USUAL_ITEMS } from "../contract/paging.ts";
import { promptParams } from "../contract/prompts.ts";
import {
  promptList,
  promptsQuery,
  pushBody,
  pushedVersion,
  pushQuery,
  useList,
  usesQuery,
  versionList,
  versionParams,
  versionQuery,
  versionsQuery,
  wholeVersion,
} from "../contract/versions.ts";
import { answer, answerText, defineRoute, YAML } from "../route.ts";
import { assertMayForce } from "./labels.ts";
import { FOR_GOOD } from "./resolver.ts";

/** `version_id` is what other tools call it. */
export const named = <T extends { readonly versionId: string }>(version: T) => ({
  ...version,
  version_id: version.versionId,
});

export const listPrompts = defineRoute({
  method: "GET",
  path: "/v1/prompts",
  summary: "Prompts by name, with their newest version and what is live",
  allow: { permission: "read", places: "filtered" },
  limit: "read",
  query: promptsQuery,
  answers: { 200: promptList },
  async run({ query, caller: { grants: seen }, parts: { db } }) {
    const { q: text, label: liveFor, limit = USUAL_ITEMS, cursor: after, ...filter } = query;
    const page = await pageOfPrompts(db, { seen, ...filter, text, liveFor, limit, after });
    const items = page.map((prompt) => ({ ...prompt, newest: prompt.newest && named(prompt.newest) }));
    return answer(200, { items, next: nextOf(page, limit, ({ prompt }) => prompt) });
  },
});

const ofPrompt = ({ params }: { readonly params: { readonly name: string } }) => ({
  prompt: params.name,
  use: "read" as const,
});

export const listVersionsOf = defineRoute({
  method: "GET",
  path: "/v1/prompts/:name/versions",
  summary: "A prompt's versions, the newest first",
  allow: { permission: "read", places: ofPrompt },
  limit: "read",
  params: promptParams,
  query: versionsQuery,
  answers: { 200: versionList },
  async run({ params: { name }, query, caller, parts: { db } }) {
    await assertPromptSeen(db, name);
    const { limit = USUAL_ITEMS, cursor: before, ...filter } = query;
    const page = await listVersions(db, { prompt: name, page: { limit, before, ...filter } }, caller.grants);
    const items = page.toReversed().map(named);
    return answer(200, { items, next: nextOf(items, limit, ({ version }) => version) });
  },
});

export const listUsesOf = defineRoute({
  method: "GET",
  path: "/v1/uses",
  summary: "Which versions of other prompts include one of a prompt's versions",
  allow: { permission: "read", places: ({ query: { prompt } }) => ({ prompt, use: "read" }) },
  limit: "read",
  query: usesQuery,
  answers: { 200: useList },
  async run({ query: { prompt }, caller, parts: { db } }) {
    await assertPromptSeen(db, prompt);
    return answer(200, { items: await listUses(db, prompt, caller.grants), next: null });
  },
});

export const getVersion = defineRoute({
  method: "GET",
  path: "/v1/prompts/:name/versions/:version",
  summary: "One version, whole",
  about: "With `?as=file` as a prompt file in YAML: pushing it again gives the same version.",
  allow: { permission: "read", places: ofPrompt },
  limit: "read",
  params: versionParams,
  query: versionQuery,
  answers: { 200: wholeVersion },
  givesText: YAML,
  async run({ params: { name, version }, query, caller, parts: { db } }) {
    await assertPromptSeen(db, name);
    const shown = await showVersion(db, { prompt: name, number: version }, caller.grants);
    // The content never changes; what became of the version does.
    if (query.as === "file")
      return answerText(200, promptFileText(shown, shown.artifact), YAML, { "cache-control": FOR_GOOD });
    return answer(200, named(shown));
  },
});

export const pushVersion = defineRoute({
  method: "POST",
  path: "/v1/prompts/:name/versions",
  summary: "A new version of a prompt",
  about:
    "A prompt file as JSON under `file`, or as YAML (`application/yaml`, with `?message` and `?base`). 201 where there is a new version, 200 where there was one of this content, 409 where `base` is not the newest.",
  allow: {
    permission: "author",
    places: ({ params }) => ({ prompt: params.name, use: "change" }),
  },
  limit: "write",
  bodyLimit: 20 << 20,
  params: promptParams,
  query: pushQuery,
  body: pushBody,
  takesYaml: true,
  answers: { 200: pushedVersion, 201: pushedVersion },
  idempotency: "natural",
  async run({ params: { name: prompt }, yaml, body, query, caller }) {
    const { document, message, ...options } =
      yaml === undefined ? inJson(prompt, body, query) : inYaml(yaml, query);
    if (options.emergency !== undefined) assertMayForce(caller);
    const { labels, tenants } = caller.grants;
    const mayChangePolicy = labels === undefined && tenants === undefined;
    const pushed = await pushDocument(
      caller.acting(),
      { prompt, ...document },
      { seen: caller.grants, author: caller.key.owner, message: message ?? "", mayChangePolicy, ...options },
    );
    return pushed.created ? answer(201, named(pushed)) : answer(200, named(pushed));
  },
});

type PushQuery = v.InferOutput<typeof pushQuery>;

/** The file's own name may be left out: the address says it. */
function inJson(prompt: string, body: v.InferOutput<typeof pushBody>, query: PushQuery) {
  const [extra] = Object.keys(query);
  if (extra !== undefined)
    throw invalidInput(`query.${extra}: goes with a body in YAML; write it into the body`, { at: "query" });
  const { file, policy, dataset, ...options } = body;
  const text = JSON.stringify({ name: prompt, ...file }, null, 2);
  return { document: { text, name: "body.file", policy, dataset }, ...options };
}

function inYaml(text: string, query: PushQuery) {
  return { document: { text, name: "body" }, allowSecret: undefined, emergency: undefined, ...query };
}
