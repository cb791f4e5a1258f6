import { versionsThrough } from "../client/versions-through.ts";
import { digestJson } from "../digest.ts";
import type { PromptReference } from "../domain/names.ts";
import type { KeptVersion, VersionLookup } from "../domain/prompt/include.ts";
import type { PromptFile } from "../domain/prompt/prompt-file.ts";
import { nextSemver } from "../domain/prompt/semantic-version.ts";
import type { ListedVersion } from "../domain/shapes/versions.ts";
import { resolveIncludes } from "../use-cases/resolve-includes.ts";
import { type SyncReading, versionOf } from "./sync-reading.ts";

/**
 * The versions of the store, and those that files would make when they are pushed together: one may include what another
 * one makes.
 *
 * @param newest of each prompt that the store has
 */
export function versionsWithFiles(
  sluice: SyncReading,
  files: readonly PromptFile[],
  newest: ReadonlyMap<string, ListedVersion>,
): VersionLookup {
  const stored = versionsThrough(sluice);
  const made = async (
    reference: PromptReference,
    way: readonly string[],
  ): Promise<KeptVersion | undefined> => {
    const { prompt, number: wanted, semver } = reference;
    const file = files.find(({ name }) => name === prompt);
    const last = newest.get(prompt);
    const number = (last?.version ?? 0) + 1;
    const mayBe = wanted === number || (wanted === undefined && semver !== undefined);
    // Files that include each other in a circle are refused elsewhere.
    if (!file || !mayBe || way.includes(prompt)) return undefined;
    const artifact = await resolveIncludes(lookup([...way, prompt]), file);
    const sha256 = digestJson(artifact);
    if (last && (await versionOf(sluice, prompt, sha256, last))) return undefined;
    const isNext = wanted === number || nextSemver(last && (await sluice.show(prompt)), artifact) === semver;
    return isNext ? { prompt, number, versionId: "", sha256, artifact } : undefined;
  };
  const lookup = (way: readonly string[]): VersionLookup => ({
    version: async (reference) => (await made(reference, way)) ?? stored.version(reference),
    served: (prompt, label) => stored.served(prompt, label),
  });
  return lookup([]);
}
