import type { Artifact } from "../domain/prompt/artifact.ts";
import { invalidInput, SluiceError } from "../domain/errors.ts";
import { hasVersion } from "../domain/names.ts";
import {
  composeArtifact,
  type IncludedVersion,
  type IncludeRequest,
  type VersionLookup,
} from "../domain/prompt/include.ts";
import type { PromptFile } from "../domain/prompt/prompt-file.ts";

/**
 * The artifact of a prompt file with everything that it includes, each include resolved to an exact version.
 * One that does not exist, that leads back to the file's own prompt, or that does not fit is an error saying where.
 */
export async function resolveIncludes(versions: VersionLookup, file: PromptFile): Promise<Artifact> {
  const parts: { request: IncludeRequest; version: IncludedVersion }[] = [];
  for (const request of file.includes ?? []) {
    const version = await included(versions, request);
    await refuseCycle(versions, request, version, [file.name], new Set());
    parts.push({ request, version });
  }
  return composeArtifact(file.artifact, parts);
}

const OF_THE_FILE: ReadonlySet<string> = new Set(["invalid_input", "not_found"]);

async function included(versions: VersionLookup, request: IncludeRequest): Promise<IncludedVersion> {
  const { prompt, label, where } = request;
  try {
    if (hasVersion(request)) return await versions.version(request);
    const active = await versions.served(prompt, label!);
    if (active) return active;
    await versions.version({ prompt });
    throw invalidInput(
      `label ${label} serves no version of ${prompt}; name one: { include: ${prompt}@N }, or make one live`,
      { prompt, label },
    );
  } catch (error) {
    // A store that cannot be asked is at no place of the file.
    if (!(error instanceof SluiceError) || !OF_THE_FILE.has(error.code)) throw error;
    throw new SluiceError(error.code, `${where}: include: ${error.message}`, error.details);
  }
}

/** Versions cannot include each other in a circle, but prompts could, and each push would then make one more. */
async function refuseCycle(
  versions: VersionLookup,
  request: IncludeRequest,
  version: IncludedVersion,
  path: readonly string[],
  seen: Set<string>,
): Promise<void> {
  const way = [...path, `${version.prompt}@${version.number}`];
  if (version.prompt === path[0])
    throw invalidInput(`${request.where}: includes itself: ${way.join(" -> ")}`, { path: way });
  if (seen.has(way.at(-1)!)) return;
  seen.add(way.at(-1)!);
  for (const { prompt, number } of version.artifact.includes ?? [])
    await refuseCycle(versions, request, await versions.version({ prompt, number }), way, seen);
}
