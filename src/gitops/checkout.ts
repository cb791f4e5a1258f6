import { execFile } from "node:child_process";
import { relative, resolve } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** What Git says of a folder. */
export interface Checkout {
  /** The commit that is checked out, in full; null without Git, or before the first commit. */
  readonly commit: string | null;
  /** Of the files that were asked about: those whose content that commit does not have. From the current folder. */
  readonly uncommitted: readonly string[];
}

/** Looks at the Git repository around a folder. Where there is none, or no Git, nothing is uncommitted. */
export async function readCheckout(folder: string, paths: readonly string[], cwd: string): Promise<Checkout> {
  const git = async (...args: string[]) =>
    (await run("git", ["--no-optional-locks", "-C", folder, ...args], { maxBuffer: 32 * 1024 * 1024 }))
      .stdout;
  try {
    const commit = (await git("rev-parse", "--verify", "HEAD")).trim();
    const top = (await git("rev-parse", "--show-toplevel")).trim();
    const asked = new Set(paths.map((path) => resolve(cwd, path)));
    const status = await git("status", "--porcelain", "-z", "--untracked-files=all", "--no-renames");
    const uncommitted = status
      .split("\0")
      .map((entry) => resolve(top, entry.slice(3)))
      .filter((path) => asked.has(path))
      .map((path) => relative(cwd, path));
    return { commit, uncommitted };
  } catch {
    return { commit: null, uncommitted: [] };
  }
}
