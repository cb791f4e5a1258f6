import { invalidInput } from "../../domain/errors.ts";
import type { Database } from "../../storage/database.ts";
import { promptHeads } from "../../storage/read/prompt-heads.ts";
import { requireVersion } from "../../storage/read/version.ts";
import { assertPromptSeen } from "../auth/prompt-seen.ts";
import {
  langfuseList,
  langfuseListQuery,
  langfuseParams,
  langfuseQuery,
  langfuseRow,
} from "../contract/langfuse.ts";
import { USUAL_ITEMS } from "../contract/paging.ts";
import { assertPlace } from "../auth/authorise.ts";
import { LATEST, placeOfLangfuse } from "../langfuse/asked-label.ts";
import { carryingName } from "../langfuse/carrier.ts";
import { configOf, typeOf } from "../../templates/requests/to-langfuse.ts";
import { rowOf } from "../langfuse/row.ts";
import { answer, defineRoute } from "../route.ts";
import { resolveFor } from "../serving/resolve-for.ts";

export const getLangfusePrompt = defineRoute({
  method: "GET",
  path: "/api/public/v2/prompts/:name",
  summary: "A prompt for Langfuse's clients",
  about:
    "What the label serves (production by default), the newest version (`label=latest`) or `version`. `label=production~~0a` asks for a cell of units, by the first 1 to 4 hex digits of the SHA-256 of the unit, and `label=production~user-1` for a unit: while a rollout is on they are served their arm, and the name of the prompt says so. Without either it is the active version.",
  allow: { permission: "serve", places: placeOfLangfuse },
  limit: "serve",
  params: langfuseParams,
  query: langfuseQuery,
  answers: { 200: langfuseRow },
  async run({ params: { name }, query: { label, version }, caller, parts }) {
    if (label !== undefined && version !== undefined)
      throw invalidInput("give either label or version, not both", { at: "query" });
    const isNewest = label?.label === LATEST;
    const exact = isNewest ? await newestOf(parts.db, name) : version;
    const tenant = caller.grants.langfuse?.tenant ?? "";
    if (exact === undefined) assertPlace(caller, { tenant, use: "change" });
    const request = { prompt: name, tenant, ...(exact === undefined ? label : { version: exact }) };
    const resolved = await resolveFor(parts, caller, request);
    parts.langfuse.noteRead(name);
    const { artifact, versionId: id, version: number } = resolved;
    const row = await rowOf(parts, caller, { name, id: id!, number: number!, artifact });
    return answer(200, label?.unit === undefined ? row : { ...row, name: carryingName(name, resolved) });
  },
});

async function newestOf(db: Database, prompt: string): Promise<number> {
  await assertPromptSeen(db, prompt);
  return (await requireVersion(db, { prompt })).number;
}

export const listLangfusePrompts = defineRoute({
  method: "GET",
  path: "/api/public/v2/prompts",
  summary: "Prompts by name, for Langfuse's clients",
  allow: { permission: "read", places: "filtered" },
  limit: "read",
  query: langfuseListQuery,
  answers: { 200: langfuseList },
  async run({ query, caller: { grants: seen }, parts: { db } }) {
    const { page = 1, limit = USUAL_ITEMS, name, label, tag } = query;
    const { heads, total } = await promptHeads(db, {
      seen,
      name,
      label,
      tag,
      limit,
      offset: (page - 1) * limit,
    });
    return answer(200, {
      data: heads.map((head) => ({
        name: head.name,
        type: typeOf(head.newestArtifact),
        versions: [...head.versions],
        labels: [...head.labels, LATEST],
        tags: [...head.tags],
        lastUpdatedAt: head.newestAt.toISOString(),
        lastConfig: { ...configOf(head.newestArtifact) },
      })),
      meta: { page, limit, totalItems: total, totalPages: Math.ceil(total / limit) },
    });
  },
});
