import { randomUUID } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { conflict } from "../domain/errors.ts";
import { type LockedVersion, lockPathFor, readLock, updateLock } from "./version-lock.ts";

/** A prompt file to be written, and the version that it is of. */
export interface FileToWrite extends LockedVersion {
  readonly prompt: string;
  readonly text: string;
}

export interface WrittenFile {
  readonly prompt: string;
  readonly version: number;
  readonly path: string;
  /** False: it was there as it is. */
  readonly written: boolean;
}

/**
 * Writes a file a prompt below a folder, named as the prompt is, and says in `sluice.lock` which version each is of. A
 * file that is there and says something else refuses all of them (`conflict`) unless they may be written over.
 */
export async function writePromptFiles(
  folder: string,
  files: readonly FileToWrite[],
  overwrite: boolean,
): Promise<WrittenFile[]> {
  const planned = await Promise.all(
    files.map(async (file) => {
      const path = join(folder, `${file.prompt}.yaml`);
      return { ...file, path, there: await textAt(path) };
    }),
  );
  const others = planned.filter(({ there, text }) => there !== undefined && there !== text);
  if (others.length > 0 && !overwrite)
    throw conflict(
      `${others[0]!.path} is there and says something else${others.length > 1 ? `, and ${others.length - 1} more` : ""}; nothing was written: name another folder, or add --overwrite`,
      { paths: others.map(({ path }) => path) },
    );
  for (const { path, text, there } of planned) if (there !== text) await writeWhole(path, text);
  const lock = await readLock(lockPathFor([join(folder, "sluice.yaml"), ...planned.map(({ path }) => path)]));
  await updateLock(
    lock,
    Object.fromEntries(planned.map(({ prompt, version, sha256 }) => [prompt, { version, sha256 }])),
  );
  return planned.map(({ prompt, version, path, there, text }) => ({
    prompt,
    version,
    path,
    written: there !== text,
  }));
}

async function textAt(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

async function writeWhole(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const draft = `${path}.${randomUUID()}`;
  await writeFile(draft, text);
  await rename(draft, path);
}
