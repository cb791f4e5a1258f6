import type { Artifact } from "../domain/prompt/artifact.ts";
import { invalidInput, SluiceError } from "../domain/errors.ts";
import { composeArtifact, type IncludedVersion, type IncludeRequest } from "../domain/prompt/include.ts";
import type { PromptFile } from "../domain/prompt/prompt-file.ts";
import { scopeColumns } from "../domain/scope.ts";
import type { Database } from "../storage/database.ts";
import { findPointer } from "../storage/read/pointer.ts";
import { findVersionById, requireVersion } from "../storage/read/version.ts";

/**
 * The artifact of a prompt file with everything that it includes, each include resolved to an exact version.
 * One that does not exist, that leads back to the file's own prompt, or that does not fit is an error saying where.
 */
export async function resolveIncludes(db: Database, file: PromptFile): Promise<Artifact> {
  const parts: { request: IncludeRequest; version: IncludedVersion }[] = [];
  for (const request of file.includes ?? []) {
    const version = await included(db, request);
    await refuseCycle(db, request, version, [file.name], new Set());
    parts.push({ request, version });
  }
  return composeArtifact(file.artifact, parts);
}

async function included(db: Database, request: IncludeRequest): Promise<IncludedVersion> {
  const { prompt, number, semver, label, where } = request;
  try {
    if (number !== undefined) return await requireVersion(db, { prompt, number });
    if (semver !== undefined) return await requireVersion(db, { prompt, semver });
    const pointer = await findPointer(db, scopeColumns({ label: label!, prompt }));
    const active = pointer?.active_version ? await findVersionById(db, pointer.active_version) : undefined;
    if (active) return active;
    await requireVersion(db, { prompt });
    throw invalidInput(
      `label ${label} serves no version of ${prompt}; name one: { include: ${prompt}@N }, or make one live`,
      { prompt, label },
    );
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error;
    throw new SluiceError(error.code, `${where}: include: ${error.message}`, error.details);
  }
}

/** Versions cannot include each other in a circle, but prompts could, and each push would then make one more. */
async function refuseCycle(
  db: Database,
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
    await refuseCycle(db, request, await requireVersion(db, { prompt, number }), way, seen);
}
