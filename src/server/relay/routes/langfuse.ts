import { allowsLabel, type Grants } from "../../../domain/access/grants.ts";
import { DEFAULT_LABEL } from "../../../domain/scope.ts";
import { noSuchPrompt } from "../../auth/authorise.ts";
import { LATEST } from "../../langfuse/asked-label.ts";
import { contentOf, LANGFUSE_PROMPT, resolveLangfuse } from "../../langfuse/prompt-route.ts";
import { answer, defineServing, type ServingRoute } from "../../route.ts";
import type { LangfuseRow, LangfuseRows } from "../langfuse-rows.ts";

/** A prompt for Langfuse's clients: which version, and its text, by the relay's own resolver; the rest as the server said. */
export function getLangfusePromptHere(rows: LangfuseRows): ServingRoute {
  return defineServing({
    ...LANGFUSE_PROMPT,
    async run({ params: { name }, query, caller, parts }) {
      const newest = async () => (await rowOf(rows, name, LATEST)).version;
      const { resolved, carried } = await resolveLangfuse(parts, caller, { name, ...query }, newest);
      const { artifact, version } = resolved;
      const content = contentOf(artifact, caller.grants.langfuse);
      const row = seenBy(await rowOf(rows, name, version!), caller.grants);
      return answer(200, { ...row, ...content, name: carried });
    },
  });
}

async function rowOf(
  rows: LangfuseRows,
  name: string,
  version: number | typeof LATEST,
): Promise<LangfuseRow> {
  const row = await rows.read(name, version);
  if (!row) throw noSuchPrompt(name);
  return row;
}

/** Of its labels, those that the key may see. */
function seenBy(row: LangfuseRow, grants: Grants): LangfuseRow {
  const labels = row.labels.filter((label) => label === LATEST || allowsLabel(grants, label));
  return { ...row, labels, isActive: labels.includes(DEFAULT_LABEL) };
}
