import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { invalidInput } from "../../domain/errors.ts";
import type { CommandArguments } from "../command-arguments.ts";
import type { CommandContext } from "../context.ts";
import { resolverImport } from "../own-name.ts";
import { starterFiles, starterSteps } from "../starter-files.ts";

/** Writes what is not there yet; never over what is. */
export async function run(context: CommandContext, given: CommandArguments): Promise<void> {
  const { output } = context;
  const folder = given.optional(0) ?? ".";
  const directory = resolve(context.cwd, folder);
  const created: string[] = [];
  const kept: string[] = [];
  for (const [name, text] of Object.entries(starterFiles(resolverImport(directory)))) {
    const path = join(folder, name);
    (createFile(path, text) ? created : kept).push(path);
  }
  output.result({ folder, created, kept }, () => [
    ...created.map((path) => `created ${path}`),
    ...kept.map((path) => `kept ${path}: it was there already`),
    "",
    ...starterSteps(folder, directory, output.width),
  ]);
}

/** At once, so that no interruption leaves half a file, or half of the files. */
function createFile(path: string, text: string): boolean {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text, { flag: "wx" });
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return false;
    throw invalidInput(`${path}: cannot be written (${code}); choose a folder that you may write to`, {
      path,
    });
  }
}
