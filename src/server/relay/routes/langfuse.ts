import { allowsLabel, type Grants } from "../../../domain/access/grants.ts";
import { invalidInput } from "../../../domain/errors.ts";
import { DEFAULT_LABEL } from "../../../domain/scope.ts";
import { langfusePrompt } from "../../../templates/requests/to-langfuse.ts";
import { assertPlace, noSuchPrompt } from "../../auth/authorise.ts";
import { langfuseParams, langfuseQuery, langfuseRow } from "../../contract/langfuse.ts";
import { carryingName } from "../../langfuse/carrier.ts";
import { LATEST, placeOfLangfuse } from "../../langfuse/asked-label.ts";
import { answer, defineServing, type ServingRoute } from "../../route.ts";
import { resolveFor } from "../../serving/resolve-for.ts";
import type { LangfuseRow, LangfuseRows } from "../langfuse-rows.ts";

/** A prompt for Langfuse's clients: which version, and its text, by the relay's own resolver; the rest as the server said. */
export function getLangfusePromptHere(rows: LangfuseRows): ServingRoute {
  return defineServing({
    method: "GET",
    path: "/api/public/v2/prompts/:name",
    summary: "A prompt for Langfuse's clients",
    allow: { permission: "serve", places: placeOfLangfuse },
    limit: "serve",
    params: langfuseParams,
    query: langfuseQuery,
    answers: { 200: langfuseRow },
    async run({ params: { name }, query: { label, version }, caller, parts }) {
      if (label !== undefined && version !== undefined)
        throw invalidInput("give either label or version, not both", { at: "query" });
      const exact = label?.label === LATEST ? (await rowOf(rows, name, LATEST)).version : version;
      const { grants } = caller;
      const tenant = grants.langfuse?.tenant ?? "";
      if (exact === undefined) assertPlace(caller, { tenant, use: "change" });
      const request = { prompt: name, tenant, ...(exact === undefined ? label : { version: exact }) };
      const resolved = await resolveFor(parts, caller, request);
      const { artifact, version: number } = resolved;
      const { type, prompt, config } = langfusePrompt(artifact, grants.langfuse);
      const row = seenBy(await rowOf(rows, name, number!), grants);
      const content = {
        type,
        prompt: typeof prompt === "string" ? prompt : [...prompt],
        config: { ...config },
      };
      const carried = label?.unit === undefined ? name : carryingName(name, resolved);
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
