import { execFile, execFileSync } from "node:child_process";
import { posix } from "node:path";
import { promisify } from "node:util";
import { invalidInput, unavailable } from "../domain/errors.ts";
import { fileSource, type FileSource } from "../evaluation/file-source.ts";

const MAX_BYTES = 32 * 1024 * 1024;
const run = promisify(execFile);

/** `git:REF:PATH`, taken apart; PATH is from the current folder, or from the repository's top with a `/`. */
export interface GitPath {
  readonly ref: string;
  readonly path: string;
}

export function parseGitPath(text: string): GitPath {
  const match = /^git:([^:]+):(.+)$/.exec(text);
  if (!match || match[1]!.startsWith("-"))
    throw invalidInput(`"${text}": write git:REF:PATH, for example git:main:prompts/support-reply.yaml`);
  return { ref: match[1]!, path: match[2]! };
}

/** The text of a file as it was at a commit. */
export async function readGitFile(git: GitPath): Promise<string> {
  try {
    const { stdout } = await run("git", ["show", objectOf(git)], { maxBuffer: MAX_BYTES });
    return stdout;
  } catch (error) {
    throw gitError(git, error, `git:${git.ref}:${git.path}`);
  }
}

/** The files beside one at the same commit, under its folder only. A link there is its text, never its target. */
export function gitFilesBeside({ ref, path }: GitPath): FileSource {
  const folder = posix.dirname(path);
  return fileSource({
    read(name, where) {
      const full = posix.normalize(posix.join(folder, name));
      const inside = posix.relative(folder, full);
      if (name.startsWith("/") || inside.startsWith(".."))
        throw invalidInput(`${where}: file://${name} lies outside the folder of ${path}, and is not read`, {
          where,
          path: name,
        });
      try {
        return execFileSync("git", ["show", objectOf({ ref, path: full })], {
          maxBuffer: MAX_BYTES,
          encoding: "utf8",
          stdio: ["ignore", "pipe", "pipe"],
        });
      } catch (error) {
        throw gitError({ ref, path: full }, error, where);
      }
    },
    list(pattern, where) {
      if (/[*?[{]/.test(pattern))
        throw invalidInput(`${where}: ${pattern} cannot be looked for in git; name the file`, { where });
      return [pattern];
    },
  });
}

/** Without ./ git would take the path from the top of the repository, not from here. */
function objectOf({ ref, path }: GitPath): string {
  return `${ref}:${path.startsWith("/") ? path.slice(1) : `./${path}`}`;
}

function gitError({ ref, path }: GitPath, error: unknown, where: string): Error {
  const { code, stderr } = error as { code?: unknown; stderr?: string };
  if (code === "ENOENT") return unavailable(`${where}: git is not installed here`, {}, error);
  return invalidInput(`${where}: git says: ${(stderr ?? String(error)).trim().split("\n")[0]}`, {
    ref,
    path,
  });
}
