import { existsSync } from "node:fs";
import { glob, readFile } from "node:fs/promises";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { invalidInput, SluiceError } from "../domain/errors.ts";
import { readRepositoryFile, type RepositoryFile } from "../domain/sync/repository-file.ts";
import { boundaryAround, boundaryProblem, locateInside } from "../files/boundary.ts";
import { holdsNoPrompts, isPromptFileName } from "../files/prompt-file-names.ts";
import { orderIncludes } from "../use-cases/order-includes.ts";
import { loadPromptFiles, type PromptFileOnDisk } from "../use-cases/push.ts";

const NAME = "sluice.yaml";

export interface FileProblem {
  readonly path: string;
  readonly message: string;
}

/** A repository's `sluice.yaml` and the prompt files that it names. Paths are from the current folder. */
export interface Repository {
  readonly file: string;
  readonly folder: string;
  readonly settings: RepositoryFile;
  /** In the order in which they can be pushed. */
  readonly prompts: readonly PromptFileOnDisk[];
  /** What cannot be taken; the others are read all the same. */
  readonly problems: readonly FileProblem[];
}

/** Reads a repository: `named`, or the nearest `sluice.yaml` at or above a folder and within its Git repository. */
export async function openRepository(cwd: string, named?: string): Promise<Repository> {
  const file = named ?? nearest(cwd);
  let text: string;
  try {
    text = await readFile(resolve(cwd, file), "utf8");
  } catch (error) {
    throw invalidInput(`${file} cannot be read (${(error as NodeJS.ErrnoException).code})`, { path: file });
  }
  const settings = readRepositoryFile(text, file);
  const folder = dirname(resolve(cwd, file));
  const paths = (await promptPaths(folder, settings.prompts)).map((path) => relative(cwd, path) || path);
  if (paths.length === 0)
    throw invalidInput(
      `${file}: prompts: no prompt file is named so: ${settings.prompts.join(", ")} (looked for in ${relative(cwd, folder) || "this folder"})`,
      { path: file },
    );
  return { file, folder, settings, ...(await load(cwd, paths)) };
}

function nearest(cwd: string): string {
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    const path = join(folder, NAME);
    if (existsSync(path)) return relative(cwd, path);
    if (existsSync(join(folder, ".git")) || dirname(folder) === folder)
      throw invalidInput(
        `there is no ${NAME} here or above; write one, as short as: prompts: prompts/**/*.yaml`,
      );
  }
}

/** Whole paths of the files that patterns name, in the order of their names, each once. */
async function promptPaths(folder: string, patterns: readonly string[]): Promise<string[]> {
  const boundary = boundaryAround(folder);
  const found = new Set<string>();
  for await (const path of glob(patterns, {
    cwd: folder,
    exclude: (name) => holdsNoPrompts(basename(name)),
  })) {
    const above = path.split(sep).slice(0, -1);
    if (!isPromptFileName(basename(path)) || above.some(holdsNoPrompts)) continue;
    const inside = locateInside(boundary, folder, path);
    if ("problem" in inside && inside.problem !== "missing")
      throw invalidInput(boundaryProblem(boundary, inside.problem, path), { path });
    found.add(join(folder, path));
  }
  return [...found].toSorted();
}

/** Each file by itself, so that a bad one hides nothing of the others. */
async function load(
  cwd: string,
  paths: readonly string[],
): Promise<{ prompts: PromptFileOnDisk[]; problems: FileProblem[] }> {
  const prompts: PromptFileOnDisk[] = [];
  const problems: FileProblem[] = [];
  const pathOf = new Map<string, string>();
  for (const path of paths)
    try {
      const read = await loadPromptFiles([resolve(cwd, path)]);
      for (const prompt of read) {
        const { name } = prompt.file;
        const other = pathOf.get(name);
        if (other === undefined) prompts.push({ ...prompt, path });
        else
          problems.push({
            path,
            message: `${path}: prompt "${name}" is also in ${other}; a prompt has one file`,
          });
        pathOf.set(name, other ?? path);
      }
    } catch (error) {
      if (!(error instanceof SluiceError)) throw error;
      problems.push({ path, message: error.message.replaceAll(resolve(cwd, path), path) });
    }
  try {
    return { prompts: orderIncludes(prompts), problems };
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error;
    return { prompts, problems: [...problems, { path: paths[0]!, message: error.message }] };
  }
}
