import { existsSync } from "node:fs";
import { readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { randomUUID } from "node:crypto";
import { stringify } from "yaml";
import * as v from "valibot";
import { checkSource, readSource } from "../domain/prompt/source-document.ts";

/** Which version a prompt's file came from. */
export interface LockedVersion {
  readonly version: number;
  readonly sha256: string;
}

/** `sluice.lock`: by prompt, what was pushed last from these files. Committed with them. */
export interface VersionLock {
  readonly path: string;
  readonly prompts: Readonly<Record<string, LockedVersion>>;
}

const LOCK = "sluice.lock";
const HEAD = `# Which version each prompt's file came from, written by \`sluice push\`. Commit it with the prompts: it tells
# whether somebody else has pushed another version meanwhile.
`;

const lockSchema = v.strictObject({
  prompts: v.record(
    v.string(),
    v.strictObject({
      version: v.pipe(v.number(), v.integer(), v.minValue(1)),
      sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, "must be 64 hex digits")),
    }),
  ),
});

/**
 * Where the lock of some prompt files is: the nearest `sluice.lock`, or the nearest `sluice.yaml`'s folder, above
 * them and within their repository; otherwise beside the files, in the folder that they have in common.
 */
export function lockPathFor(files: readonly string[]): string {
  const common = files.map((file) => dirname(resolve(file))).reduce(commonFolder);
  for (let folder = common; ; folder = dirname(folder)) {
    if (existsSync(join(folder, LOCK)) || existsSync(join(folder, "sluice.yaml"))) return join(folder, LOCK);
    if (existsSync(join(folder, ".git")) || dirname(folder) === folder) return join(common, LOCK);
  }
}

function commonFolder(one: string, other: string): string {
  let folder = one;
  while (relative(folder, other).startsWith("..")) folder = dirname(folder);
  return folder;
}

/** A lock that is not there is empty; one that is broken is `invalid_input`, saying where. */
export async function readLock(path: string): Promise<VersionLock> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return { path, prompts: {} };
    throw error;
  }
  const { prompts } = checkSource(readSource(text, relative(process.cwd(), path) || path), lockSchema);
  return { path, prompts };
}

/** Writes what has changed, whole or not at all; false when nothing had. */
export async function updateLock(
  lock: VersionLock,
  pushed: Readonly<Record<string, LockedVersion>>,
): Promise<boolean> {
  const prompts = Object.fromEntries(
    Object.entries({ ...lock.prompts, ...pushed }).toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
  const text = HEAD + stringify({ prompts }, { lineWidth: 0 });
  const isThere = existsSync(lock.path);
  if (isThere && (await readFile(lock.path, "utf8")) === text) return false;
  const draft = `${lock.path}.${randomUUID()}`;
  await writeFile(draft, text);
  await rename(draft, lock.path);
  return true;
}
