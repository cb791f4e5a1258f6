import type { Database } from "../../storage/database.ts";
import { promptHeads } from "../../storage/read/prompt-heads.ts";
import { requireVersion } from "../../storage/read/version.ts";
import { assertPromptSeen } from "../auth/prompt-seen.ts";
import { langfuseList, langfuseListQuery } from "../contract/langfuse.ts";
import { USUAL_ITEMS } from "../contract/paging.ts";
import { LATEST } from "../langfuse/asked-label.ts";
import { LANGFUSE_PROMPT, resolveLangfuse } from "../langfuse/prompt-route.ts";
import { configOf, typeOf } from "../../templates/requests/to-langfuse.ts";
import { rowOf } from "../langfuse/row.ts";
import { answer, defineRoute } from "../route.ts";

export const getLangfusePrompt = defineRoute({
  ...LANGFUSE_PROMPT,
  async run({ params: { name }, query, caller, parts }) {
    const newest = () => newestOf(parts.db, name);
    const { resolved, carried } = await resolveLangfuse(parts, caller, { name, ...query }, newest);
    parts.langfuse.noteRead(name);
    const { artifact, versionId: id, version: number } = resolved;
    const row = await rowOf(parts, caller, { name, id: id!, number: number!, artifact });
    return answer(200, { ...row, name: carried });
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
