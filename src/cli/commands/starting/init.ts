import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { invalidInput } from "../../../domain/errors.ts";
import type { Given } from "../../parsing/given.ts";
import type { CommandContext } from "../../context.ts";
import { nameDevDependency } from "./dev-dependency.ts";
import { ownPackage } from "./own-package.ts";
import { starterFiles, starterSteps } from "./starter-files.ts";
import { wrap } from "../../../terminal/text-layout.ts";

/** Writes what is not there yet; never over what is. A package.json that is there gains one line. */
export async function run(context: CommandContext, given: Given<"init">): Promise<void> {
  const { output } = context;
  const folder = given.optional(0) ?? ".";
  const directory = resolve(context.cwd, folder);
  const named = given.text("package")?.trim();
  if (named === "") throw invalidInput("--package must not be empty: a version, a tarball or a git address");
  const { spec, isLocal } = named === undefined ? ownPackage(directory) : { spec: named, isLocal: false };
  const created: string[] = [];
  const kept: string[] = [];
  for (const [name, text] of Object.entries(starterFiles())) {
    const path = join(folder, name);
    (createFile(path, text) ? created : kept).push(path);
  }
  const manifest = join(folder, "package.json");
  const dependency = attempt(manifest, () => nameDevDependency(manifest, spec));
  if (dependency === "created") created.push(manifest);
  if (dependency === "kept") kept.push(manifest);
  output.result({ folder, created, kept, package: spec }, () => [
    ...created.map((path) => `created ${path}`),
    ...(dependency === "added" ? [`added sluice to the devDependencies of ${manifest}`] : []),
    ...kept.map((path) => `kept ${path}: it was there already`),
    "",
    ...(isLocal && dependency !== "kept"
      ? [
          ...wrap(
            "package.json names the Sluice on this machine, which no runner can install: before you push, name one that it can (sluice init --package SPEC: a version, a tarball or a git address)",
            output.width,
          ),
          "",
        ]
      : []),
    ...starterSteps(folder, directory, { width: output.width, isLink: isLocal && !spec.endsWith("gz") }),
  ]);
}

/** At once, so that no interruption leaves half a file, or half of the files. */
function createFile(path: string, text: string): boolean {
  return attempt(path, () => {
    mkdirSync(dirname(path), { recursive: true });
    try {
      writeFileSync(path, text, { flag: "wx" });
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
      throw error;
    }
  });
}

function attempt<T>(path: string, write: () => T): T {
  try {
    return write();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (!/^E[A-Z]+$/.test(code ?? "")) throw error;
    throw invalidInput(`${path}: cannot be written (${code}); choose a folder that you may write to`, {
      path,
    });
  }
}
