import { relative } from "node:path";
import { digestJson } from "../digest.ts";
import { invalidInput, SluiceError } from "../domain/errors.ts";
import { parseVersionOf, type VersionReference } from "../domain/names.ts";
import { type Artifact, canonicalJson } from "../domain/prompt/artifact.ts";
import type { PromptFile } from "../domain/prompt/prompt-file.ts";
import type { PushedFiles, PushResult } from "../domain/shapes/versions.ts";
import { lockPathFor, readLock, updateLock, type VersionLock } from "../files/version-lock.ts";
import { MOVED_ON } from "../storage/write/push-version.ts";
import { loadPromptsOfFile } from "../templates/load-prompt-file.ts";
import { gitRevisionsOf, readGitFile } from "./read-git-file.ts";
import type { PromptFileOnDisk } from "./push.ts";

/** Where versions are pushed to: a database, or a server. */
export interface VersionStore {
  /** Pushes files that have been read; `bases` says by prompt what each came from. A newer version is a conflict. */
  push(
    files: readonly PromptFileOnDisk[],
    bases: ReadonlyMap<string, number | string>,
  ): Promise<readonly PushResult[]>;
  /** The number of a version that may have been named by its semantic version. */
  numberOf(reference: VersionReference): Promise<number>;
  /** The artifact that a file makes there, its includes looked up. */
  artifactOf(file: PromptFile): Promise<Artifact>;
}

/**
 * Pushes files that may have been edited beside somebody else's edit: where a newer version than the one that a
 * file came from has been pushed meanwhile, nothing is (`conflict`, saying what changed). What a file came from
 * is in `sluice.lock`. A version that an earlier commit of the same file has made is no conflict.
 */
export async function pushChanged(
  store: VersionStore,
  files: readonly PromptFileOnDisk[],
  /** The version that the one file was made from, in place of what the lock says: `7`, `1.4.0` or `NAME@7`. */
  base: string | undefined,
): Promise<PushedFiles> {
  const named = base === undefined ? undefined : await namedBase(store, files, base);
  const lock = await readLock(lockPathFor(files.map(({ path }) => path)));
  const bases = new Map<string, number | string>();
  for (const { file } of files) {
    const known = named ?? lock.prompts[file.name]?.sha256;
    if (known !== undefined) bases.set(file.name, known);
  }
  const results = await pushUnlessAncestor(store, files, bases);
  return { results, keptMetadata: keptMetadata(files, results), lock: await keep(lock, results) };
}

function keptMetadata(files: readonly PromptFileOnDisk[], results: readonly PushResult[]): string[] {
  const given = new Map(files.map(({ file }) => [file.name, canonicalJson(file.metadata)]));
  return results
    .filter(({ prompt, created, metadata }) => !created && canonicalJson(metadata) !== given.get(prompt))
    .map(({ prompt }) => prompt);
}

async function namedBase(
  store: VersionStore,
  files: readonly PromptFileOnDisk[],
  base: string,
): Promise<number> {
  const [only, ...more] = files;
  if (only === undefined || more.length > 0)
    throw invalidInput(`--base goes with one prompt, and here are ${files.length}`);
  return store.numberOf(parseVersionOf(only.file.name, base));
}

/** Each prompt can turn out to have gone on from this very file at most once, so this ends. */
async function pushUnlessAncestor(
  store: VersionStore,
  files: readonly PromptFileOnDisk[],
  bases: Map<string, number | string>,
): Promise<readonly PushResult[]> {
  for (;;) {
    try {
      return await store.push(files, bases);
    } catch (error) {
      const moved = error instanceof SluiceError && error.details["kind"] === MOVED_ON ? error.details : null;
      if (moved === null) throw error;
      const { prompt, newestSha256 } = moved as { prompt: string; newestSha256: string };
      const { path } = files.find(({ file }) => file.name === prompt)!;
      if (bases.get(prompt) === newestSha256 || !(await wasThisFile(store, path, prompt, newestSha256)))
        throw error;
      bases.set(prompt, newestSha256);
    }
  }
}

/** True where a commit of the file's own history has this very content: the file goes on from it. */
async function wasThisFile(
  store: VersionStore,
  path: string,
  prompt: string,
  sha256: string,
): Promise<boolean> {
  for (const ref of await gitRevisionsOf(path)) {
    try {
      const text = await readGitFile({ ref, path: relative(process.cwd(), path) });
      const then = loadPromptsOfFile(text, path).find(({ name }) => name === prompt);
      const artifact = then && (await store.artifactOf(then));
      if (artifact && digestJson(artifact) === sha256) return true;
    } catch (error) {
      // An older state of the file that is not to be read any more has made no version.
      if (!(error instanceof SluiceError)) throw error;
    }
  }
  return false;
}

async function keep(lock: VersionLock, results: readonly PushResult[]): Promise<PushedFiles["lock"]> {
  const isNew = Object.keys(lock.prompts).length === 0;
  const pushed = results.map(({ prompt, version, sha256 }) => [prompt, { version, sha256 }] as const);
  try {
    return (await updateLock(lock, Object.fromEntries(pushed))) ? { path: lock.path, isNew } : null;
  } catch (error) {
    // The versions are pushed; a folder that cannot be written only loses the warning next time.
    return { problem: `${lock.path} cannot be written (${(error as NodeJS.ErrnoException).code})` };
  }
}
