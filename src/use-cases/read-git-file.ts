import { execFile, execFileSync, spawnSync } from "node:child_process";
import { posix } from "node:path";
import { promisify } from "node:util";
import { invalidInput, unavailable } from "../domain/errors.ts";
import { shown, cut } from "../domain/text/visible.ts";
import { fileSource, type FileSource } from "../evaluation/dataset/file-source.ts";
import { decodeText } from "../files/text-file.ts";

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
    throw invalidInput(`${shown(text)}: write git:REF:PATH, for example git:main:prompts/support-reply.yaml`);
  return { ref: match[1]!, path: match[2]! };
}

/** The text of a file as it was at a commit. */
export async function readGitFile(git: GitPath): Promise<string> {
  const name = `git:${git.ref}:${git.path}`;
  let shown: Buffer;
  try {
    const { stdout } = await run("git", ["cat-file", "blob", objectOf(git)], {
      maxBuffer: MAX_BYTES,
      encoding: "buffer",
    });
    shown = stdout;
  } catch (error) {
    throw gitError(git, error, name);
  }
  return textOf(shown, name);
}

function textOf(bytes: Buffer, name: string): string {
  const decoded = decodeText(bytes);
  if ("text" in decoded) return decoded.text;
  throw invalidInput(`${name}: ${decoded.problem}; name a text file`);
}

const MOST_REVISIONS = 50;

/** The newest commits that changed a file, newest first; none where there is no Git or no history of it. */
export async function gitRevisionsOf(path: string): Promise<string[]> {
  try {
    const { stdout } = await run("git", ["log", `-n${MOST_REVISIONS}`, "--format=%H", "--", path]);
    return stdout.trim() === "" ? [] : stdout.trim().split("\n");
  } catch {
    return [];
  }
}

/** The files that one names, at the same commit and in the same repository. A link is refused: git has its text alone. */
export function gitFilesBeside({ ref, path }: GitPath): FileSource {
  const folder = posix.dirname(path);
  return fileSource({
    read(name, where) {
      const shownName = cut(name, 200);
      const full = posix.normalize(posix.join(folder, name));
      // Above the repository's top git refuses by itself.
      if (name.startsWith("/"))
        throw invalidInput(`${where}: ${shownName} lies outside the Git repository, and is not read`, {
          where,
          path: shownName,
        });
      const file = { ref, path: full };
      if (isLink(file))
        throw invalidInput(`${where}: ${shownName} is a symbolic link at ${ref}; name the file itself`, {
          where,
          path: shownName,
        });
      return textOf(show(file, where), `${where}: ${shownName}`);
    },
    list(pattern, where) {
      if (/[*?[{]/.test(pattern))
        throw invalidInput(`${where}: ${pattern} cannot be looked for in git; name the file`, { where });
      return [pattern];
    },
  });
}

function show(git: GitPath, where: string): Buffer {
  try {
    return execFileSync("git", ["cat-file", "blob", objectOf(git)], {
      maxBuffer: MAX_BYTES,
      stdio: ["ignore", "pipe", "pipe"],
    });
  } catch (error) {
    throw gitError(git, error, where);
  }
}

const LINK_MODE = /^120000 /;

/** What cannot be listed is said when it is read. */
function isLink({ ref, path }: GitPath): boolean {
  const fromTop = path.startsWith("/") ? ["--full-tree"] : [];
  const words = ["ls-tree", ...fromTop, ref, "--", path.replace(/^\//, "")];
  const listed = spawnSync("git", words, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  return LINK_MODE.test(listed.stdout ?? "");
}

/** Without ./ git would take the path from the top of the repository, not from here. */
function objectOf({ ref, path }: GitPath): string {
  return `${ref}:${path.startsWith("/") ? path.slice(1) : `./${path}`}`;
}

function gitError({ ref, path }: GitPath, error: unknown, where: string): Error {
  const { code, stderr } = error as { code?: unknown; stderr?: string | Buffer };
  if (code === "ENOENT") return unavailable(`${where}: git is not installed here`, {}, error);
  // cat-file's words for what is there and no blob.
  if (/: bad file\s*$/.test(String(stderr ?? "")))
    return invalidInput(`${where}: ${cut(path, 200)} is no file at ${ref}, but a folder; name a file`, {
      ref,
      path,
    });
  const message = cut(
    String(stderr ?? error)
      .trim()
      .split("\n", 1)[0]!,
    200,
  );
  const hint = isShallow() ? `; ${SHALLOW}` : "";
  return invalidInput(`${where}: git says: ${message}${hint}`, { ref, path });
}

const SHALLOW =
  "this is a shallow clone, which has the newest commits alone: fetch the rest by git fetch --unshallow (in GitHub Actions: actions/checkout with fetch-depth: 0)";

/** Whether the repository lacks older commits and other branches, as a CI's checkout does by default. */
function isShallow(): boolean {
  const words = ["rev-parse", "--is-shallow-repository"];
  const result = spawnSync("git", words, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  return result.stdout?.trim() === "true";
}
