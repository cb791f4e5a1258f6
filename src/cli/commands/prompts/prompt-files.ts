import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { invalidInput } from "../../../domain/errors.ts";
import { type Boundary, boundaryAround, boundaryProblem, locateInside } from "../../../files/boundary.ts";
import { holdsNoPrompts, isPromptFileName } from "../../../files/prompt-file-names.ts";

/**
 * The prompt files that paths name. A folder means those in it and below, in order of their names; a link in it
 * is followed where it stays inside, since nobody has named it.
 */
export async function promptFilesIn(paths: readonly string[]): Promise<string[]> {
  const files: string[] = [];
  for (const path of paths) {
    if (!(await isFolder(path))) files.push(path);
    else {
      const found = await walk(path, boundaryAround(path));
      if (found.length === 0)
        throw invalidInput(
          `${path}: there is no prompt file (.yaml) in this folder; name one, or start with: sluice init`,
          {
            path,
          },
        );
      files.push(...found);
    }
  }
  return [...new Set(files)];
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    // Reading it will say what is wrong.
    return false;
  }
}

async function walk(folder: string, boundary: Boundary): Promise<string[]> {
  const entries = (await readdir(folder, { withFileTypes: true })).toSorted((a, b) =>
    a.name < b.name ? -1 : 1,
  );
  const files: string[] = [];
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!holdsNoPrompts(entry.name)) files.push(...(await walk(path, boundary)));
    } else if (!entry.name.startsWith(".") && isPromptFileName(entry.name)) {
      const found = locateInside(boundary, folder, entry.name);
      if ("problem" in found && found.problem !== "missing")
        throw invalidInput(boundaryProblem(boundary, found.problem, path), { path });
      files.push(path);
    }
  }
  return files;
}
