import { assertPromptName, parseReference } from "../../domain/names.ts";
import type { FoundPrompts } from "../../domain/shapes/prompts.ts";
import type { FoundVersions, ShownVersion } from "../../domain/shapes/versions.ts";
import { listPrompts } from "../../storage/read/prompt-list.ts";
import { requirePrompt } from "../../storage/read/version.ts";
import { countVersions, listVersions } from "../../storage/read/version-list.ts";
import { USUAL_VERSIONS, type ListRequest, type VersionsRequest } from "../requests.ts";
import type { DatabaseParts } from "./database-parts.ts";

export function findPrompts(parts: DatabaseParts, request: ListRequest = {}): Promise<FoundPrompts> {
  return parts.read((db) => listPrompts(db, { archived: false, ...request }));
}

export function findVersions(
  parts: DatabaseParts,
  name: string,
  { limit = USUAL_VERSIONS, page = 1 }: VersionsRequest = {},
): Promise<FoundVersions> {
  const prompt = assertPromptName(name);
  return parts.read(async (db) => {
    await requirePrompt(db, prompt);
    return {
      versions: await listVersions(db, { prompt, page: { limit, skip: (page - 1) * limit } }),
      all: await countVersions(db, prompt),
    };
  });
}

export async function show(parts: DatabaseParts, version: string): Promise<ShownVersion> {
  const reference = parseReference(version);
  const { showVersion } = await import("../../use-cases/show-version.ts");
  return parts.read((db) => showVersion(db, reference));
}
