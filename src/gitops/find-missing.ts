import { describePlace } from "../domain/scope.ts";
import type { PublishedManifest } from "../domain/shapes/delivering.ts";
import type { ListedPointer } from "../domain/shapes/pointers.ts";
import type { MissingPrompt, PlannedPrompt } from "../domain/shapes/syncing.ts";
import { lockPathFor, readLock } from "../files/version-lock.ts";
import type { Repository } from "./open-repository.ts";

/**
 * Prompts that the manifest that was applied last has, or that `sluice.lock` says were pushed from these files, and that
 * no file holds any more. One whose very content is in a new file was renamed or copied: that is said, not guessed.
 */
export async function findMissing(
  { prompts, problems }: Repository,
  planned: readonly PlannedPrompt[],
  pointers: readonly ListedPointer[],
  stored: ReadonlyMap<string, unknown>,
  applied: Pick<PublishedManifest, "prompts"> | undefined,
): Promise<MissingPrompt[]> {
  // A file that cannot be read may hold any of them.
  if (problems.length > 0 || prompts.length === 0) return [];
  const lock = await readLock(lockPathFor(prompts.map(({ path }) => path)));
  const here = new Set(prompts.map(({ file }) => file.name));
  // A runner's clone has no lock, and what was pushed by hand is in no manifest.
  const before = new Map([
    ...Object.entries(lock.prompts).map(([prompt, { sha256 }]) => [prompt, sha256] as const),
    ...(applied?.prompts ?? []).map(({ prompt, sha256 }) => [prompt, sha256] as const),
  ]);
  return [...before]
    .filter(([prompt]) => !here.has(prompt) && stored.has(prompt))
    .map(([prompt, sha256]) => ({
      prompt,
      live: pointers.filter((one) => one.prompt === prompt && one.active !== null).map(describePlace),
      sameContentAs: planned.find((one) => one.sha256 === sha256 && one.state === "new")?.prompt ?? null,
    }))
    .toSorted((a, b) => (a.prompt < b.prompt ? -1 : 1));
}
