import { execFile } from "node:child_process";
import { basename, relative, resolve } from "node:path";
import { promisify } from "node:util";
import { invalidInput } from "../domain/errors.ts";
import type { CommitOrder } from "../domain/shapes/syncing.ts";
import { repositoryName } from "../domain/sync/repository-name.ts";

const run = promisify(execFile);

/** What Git says of a folder. */
export interface Checkout {
  /** The commit that is checked out, in full; null without Git, or before the first commit. */
  readonly commit: string | null;
  /** Of the files that were asked about: those whose content that commit does not have. From the current folder. */
  readonly uncommitted: readonly string[];
}

/** Where a commit is from, as a manifest says it. */
export interface CommitPlace {
  /** `github.com/acme/prompts`, and after a colon the folder where that is not the top. */
  readonly repository: string;
  /** Null where no branch is checked out, as in many CI jobs. */
  readonly branch: string | null;
  readonly committedAt: string;
}

async function git(folder: string, ...args: string[]): Promise<string> {
  return (await run("git", ["--no-optional-locks", "-C", folder, ...args], { maxBuffer: 32 * 1024 * 1024 }))
    .stdout;
}

/** Looks at the Git repository around a folder. Where there is none, or no Git, nothing is uncommitted. */
export async function readCheckout(folder: string, paths: readonly string[], cwd: string): Promise<Checkout> {
  try {
    const commit = (await git(folder, "rev-parse", "--verify", "HEAD")).trim();
    const top = (await git(folder, "rev-parse", "--show-toplevel")).trim();
    const asked = new Set(paths.map((path) => resolve(cwd, path)));
    const status = await git(folder, "status", "--porcelain", "-z", "--untracked-files=all", "--no-renames");
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

/** Where the commit that is checked out in a folder is from. */
export async function readCommitPlace(folder: string): Promise<CommitPlace> {
  const maybe = (...args: string[]) =>
    git(folder, ...args).then(
      (text) => text.trim(),
      () => "",
    );
  const top = await maybe("rev-parse", "--show-toplevel");
  if (top === "") throw invalidInput(`${folder} is in no Git repository, or there is no Git here`);
  // Not by comparing paths: a folder may be reached through a link.
  const inside = (await git(folder, "rev-parse", "--show-prefix")).trim().replace(/\/$/, "");
  return {
    repository: repositoryName(await maybe("remote", "get-url", "origin"), basename(top), inside),
    branch: (await maybe("symbolic-ref", "--quiet", "--short", "HEAD")) || null,
    committedAt: new Date((await git(folder, "show", "-s", "--format=%cI", "HEAD")).trim()).toISOString(),
  };
}

/** How the commit that is checked out stands to another one. */
export async function orderOf(folder: string, applied: string): Promise<CommitOrder> {
  const isAncestor = (a: string, b: string) =>
    git(folder, "merge-base", "--is-ancestor", a, b).then(
      () => true,
      () => false,
    );
  const isHere = await git(folder, "cat-file", "-e", `${applied}^{commit}`).then(
    () => true,
    () => false,
  );
  if (!isHere)
    return (await git(folder, "rev-parse", "--is-shallow-repository")).trim() === "true"
      ? "unknown"
      : "apart";
  if (await isAncestor(applied, "HEAD")) return "follows";
  return (await isAncestor("HEAD", applied)) ? "older" : "apart";
}
