import { assertLabel, assertPromptName, parseReference } from "../../domain/names.ts";
import { DEFAULT_LABEL } from "../../domain/scope.ts";
import type { ArchivedPrompt, FoundPrompts } from "../../domain/shapes/prompts.ts";
import type { FoundVersions, ShownVersion, Use, VersionDiff } from "../../domain/shapes/versions.ts";
import { listPrompts } from "../../storage/read/prompt-list.ts";
import { listUses } from "../../storage/read/used-by.ts";
import { requirePrompt } from "../../storage/read/version.ts";
import { countVersions, listVersions } from "../../storage/read/version-list.ts";
import {
  type ArchiveRequest,
  type BundleRequest,
  USUAL_VERSIONS,
  type ListRequest,
  type VersionsRequest,
} from "../requests.ts";
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

export function uses(parts: DatabaseParts, name: string): Promise<Use[]> {
  const prompt = assertPromptName(name);
  return parts.read(async (db) => {
    await requirePrompt(db, prompt);
    return listUses(db, prompt);
  });
}

export async function archive(
  parts: DatabaseParts,
  archived: boolean,
  prompt: string,
  why: ArchiveRequest,
): Promise<ArchivedPrompt> {
  const { setArchived } = await import("../../use-cases/set-archived.ts");
  return parts.write((db) => setArchived(db, { ...why, prompt, archived, assertedActor: parts.actor }));
}

export async function diff(parts: DatabaseParts, from: string, to: string): Promise<VersionDiff> {
  const asked = { from: parseReference(from), to: parseReference(to) };
  const { diffVersions } = await import("../../use-cases/diff-versions.ts");
  return parts.read((db) => diffVersions(db, asked));
}

export async function bundle(
  parts: DatabaseParts,
  { label = DEFAULT_LABEL, prefix = "" }: BundleRequest = {},
): Promise<string> {
  assertLabel(label);
  const { bundlePrompts } = await import("../../use-cases/bundle-prompts.ts");
  return parts.read((db) => bundlePrompts(db, { label, prefix }));
}

export async function show(parts: DatabaseParts, version: string): Promise<ShownVersion> {
  const reference = parseReference(version);
  const { showVersion } = await import("../../use-cases/show-version.ts");
  return parts.read((db) => showVersion(db, reference));
}
