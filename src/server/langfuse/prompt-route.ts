import { invalidInput } from "../../domain/errors.ts";
import type { Artifact } from "../../domain/prompt/artifact.ts";
import type { LangfuseGrants } from "../../domain/shapes/keys.ts";
import { langfusePrompt } from "../../templates/requests/to-langfuse.ts";
import { assertPlace } from "../auth/authorise.ts";
import { langfuseParams, langfuseQuery, langfuseRow } from "../contract/langfuse.ts";
import type { Caller } from "../caller.ts";
import { resolveFor } from "../serving/resolve-for.ts";
import type { ServingParts } from "../serving-parts.ts";
import { type AskedLabel, LATEST, placeOfLangfuse } from "./asked-label.ts";
import { carryingName } from "./carrier.ts";

/** How a prompt is asked for by Langfuse's clients, of a server and of a relay. */
export const LANGFUSE_PROMPT = {
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
} as const;

interface Asked {
  readonly name: string;
  readonly label?: AskedLabel | undefined;
  readonly version?: number | undefined;
}

/** The version that is asked for, and the name that carries its arm; `newest` says which one `latest` is. */
export async function resolveLangfuse(
  parts: Pick<ServingParts, "resolver">,
  caller: Caller,
  { name, label, version }: Asked,
  newest: () => Promise<number>,
) {
  if (label !== undefined && version !== undefined)
    throw invalidInput("give either label or version, not both", { at: "query" });
  const exact = label?.label === LATEST ? await newest() : version;
  const tenant = caller.grants.langfuse?.tenant ?? "";
  if (exact === undefined) assertPlace(caller, { tenant, use: "change" });
  const request = { prompt: name, tenant, ...(exact === undefined ? label : { version: exact }) };
  const resolved = await resolveFor(parts, caller, request);
  return { resolved, carried: label?.unit === undefined ? name : carryingName(name, resolved) };
}

/** A version's text in Langfuse's words; `invalid_input` for one that could not be served as it is meant. */
export function contentOf(artifact: Artifact, grants: LangfuseGrants | undefined) {
  const { type, prompt, config } = langfusePrompt(artifact, grants);
  return { type, prompt: typeof prompt === "string" ? prompt : [...prompt], config: { ...config } };
}
