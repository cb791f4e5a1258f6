import { relative } from "node:path";
import { digestJson } from "../digest.ts";
import { invalidInput, SluiceError } from "../domain/errors.ts";
import { parseVersionOf } from "../domain/names.ts";
import { lockPathFor, readLock, updateLock, type VersionLock } from "../files/version-lock.ts";
import type { Database } from "../storage/database.ts";
import { numberedVersion } from "../storage/read/version.ts";
import { MOVED_ON } from "../storage/write/push-version.ts";
import { loadPromptsOfFile } from "../templates/load-prompt-file.ts";
import { gitRevisionsOf, readGitFile } from "./read-git-file.ts";
import { resolveIncludes } from "./resolve-includes.ts";
import { pushLoaded, type LoadedPromptFile, type PushOptions } from "./push.ts";
import type { PushResult } from "../domain/shapes/versions.ts";

export interface PushChanged extends Omit<PushOptions, "bases"> {
  /** The version that the one file was made from, in place of what the lock says: `7`, `1.4.0` or `NAME@7`. */
  readonly base?: string | undefined;
}

export interface PushedChanges {
  readonly results: readonly PushResult[];
  /** Path of the lock when it was written, and what kept it from being written. */
  readonly lock: { readonly path: string; readonly isNew: boolean } | { readonly problem: string } | null;
}

/**
 * Pushes files that may have been edited beside somebody else's edit: where a newer version than the one that a
 * file came from has been pushed meanwhile, nothing is (`conflict`, saying what changed). What a file came from
 * is in `sluice.lock`. A version that an earlier commit of the same file has made is no conflict.
 */
export async function pushChanged(
  db: Database,
  files: readonly LoadedPromptFile[],
  { base, ...options }: PushChanged,
): Promise<PushedChanges> {
  const named = base === undefined ? undefined : await namedBase(db, files, base);
  const lock = await readLock(lockPathFor(files.map(({ path }) => path)));
  const bases = new Map<string, number | string>();
  for (const { file } of files) {
    const known = named ?? lock.prompts[file.name]?.sha256;
    if (known !== undefined) bases.set(file.name, known);
  }
  const results = await pushUnlessAncestor(db, files, { ...options, bases });
  return { results, lock: await keep(lock, results) };
}

async function namedBase(db: Database, files: readonly LoadedPromptFile[], base: string): Promise<number> {
  const [only, ...more] = files;
  if (only === undefined || more.length > 0)
    throw invalidInput(`--base goes with one prompt, and here are ${files.length}`);
  return (await numberedVersion(db, parseVersionOf(only.file.name, base))).number;
}

/** Each prompt can turn out to have gone on from this very file at most once, so this ends. */
async function pushUnlessAncestor(
  db: Database,
  files: readonly LoadedPromptFile[],
  options: PushOptions & { readonly bases: Map<string, number | string> },
): Promise<PushResult[]> {
  for (;;) {
    try {
      return await pushLoaded(db, files, options);
    } catch (error) {
      const moved = error instanceof SluiceError && error.details["kind"] === MOVED_ON ? error.details : null;
      if (moved === null) throw error;
      const { prompt, newestSha256 } = moved as { prompt: string; newestSha256: string };
      const { path } = files.find(({ file }) => file.name === prompt)!;
      if (options.bases.get(prompt) === newestSha256 || !(await wasThisFile(db, path, prompt, newestSha256)))
        throw error;
      options.bases.set(prompt, newestSha256);
    }
  }
}

/** True where a commit of the file's own history has this very content: the file goes on from it. */
async function wasThisFile(db: Database, path: string, prompt: string, sha256: string): Promise<boolean> {
  for (const ref of await gitRevisionsOf(path)) {
    try {
      const text = await readGitFile({ ref, path: relative(process.cwd(), path) });
      const then = loadPromptsOfFile(text, path).find(({ name }) => name === prompt);
      if (then && digestJson(await resolveIncludes(db, then)) === sha256) return true;
    } catch (error) {
      // An older state of the file that is not to be read any more has made no version.
      if (!(error instanceof SluiceError)) throw error;
    }
  }
  return false;
}

async function keep(lock: VersionLock, results: readonly PushResult[]): Promise<PushedChanges["lock"]> {
  const isNew = Object.keys(lock.prompts).length === 0;
  const pushed = results.map(({ prompt, version, sha256 }) => [prompt, { version, sha256 }] as const);
  try {
    return (await updateLock(lock, Object.fromEntries(pushed))) ? { path: lock.path, isNew } : null;
  } catch (error) {
    // The versions are pushed; a folder that cannot be written only loses the warning next time.
    return { problem: `${lock.path} cannot be written (${(error as NodeJS.ErrnoException).code})` };
  }
}
