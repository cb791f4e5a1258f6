import { execFile } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { basename, dirname, posix, relative, sep } from "node:path";
import { promisify } from "node:util";
import { conflict, invalidInput } from "../domain/errors.ts";
import type { CommitOrder } from "../domain/shapes/syncing.ts";
import { repositoryName } from "../domain/sync/repository-name.ts";
import { boundaryAround } from "../files/boundary.ts";

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

/**
 * Looks at the Git repository around a folder. Where there is none, or no Git, nothing is uncommitted. One that Git does
 * not read, as one of another user, is a `conflict`: nobody knows there whether a file is committed.
 *
 * @param paths whole paths
 */
export async function readCheckout(folder: string, paths: readonly string[], cwd: string): Promise<Checkout> {
  const commit = await readHead(folder);
  if (commit === null) return { commit, uncommitted: [] };
  const [top, inside] = (await git(folder, "rev-parse", "--show-toplevel", "--show-prefix")).split("\n");
  // What is ignored is in no commit, either. Of a repository within this one only its folder is listed.
  const status = await git(
    folder,
    "status",
    "--porcelain",
    "-z",
    "--untracked-files=all",
    "--ignored=matching",
    "--no-renames",
  );
  const listed = status.split("\0").flatMap((entry) => (entry === "" ? [] : [entry.slice(3)]));
  const isListed = (path: string) =>
    listed.some((one) => one === path || path.startsWith(one.endsWith("/") ? one : `${one}/`));
  const uncommitted = paths.filter((path) => {
    // By the way to the folder, which may be a link, and by where a link of the repository leads to.
    const named = posix.join(inside!, slashed(relative(folder, path)));
    return isListed(named) || isListed(slashed(relative(top!, realPath(path))));
  });
  return { commit, uncommitted: [...new Set(uncommitted)].map((path) => relative(cwd, path)) };
}

function slashed(path: string): string {
  return path.split(sep).join("/");
}

function realPath(path: string): string {
  return existsSync(path) ? realpathSync(path) : path;
}

/** The commit that is checked out; null without Git, outside of a repository, and before the first commit. */
async function readHead(folder: string): Promise<string | null> {
  try {
    await git(folder, "rev-parse", "--git-dir");
  } catch (error) {
    const { code, stderr = "" } = error as { code?: unknown; stderr?: string };
    if (code === "ENOENT" || boundaryAround(folder).kind === "folder") return null;
    throw conflict(`git does not read the repository here: ${stderr.trim().replaceAll(/\s+/g, " ")}`);
  }
  return git(folder, "rev-parse", "--verify", "--quiet", "HEAD").then(
    (text) => text.trim(),
    () => null,
  );
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
  const shared = await maybe("rev-parse", "--path-format=absolute", "--git-common-dir");
  return {
    repository: repositoryName(await maybe("remote", "get-url", "origin"), homeOf(top, shared), inside),
    branch: (await maybe("symbolic-ref", "--quiet", "--short", "HEAD")) || null,
    committedAt: new Date((await git(folder, "show", "-s", "--format=%cI", "HEAD")).trim()).toISOString(),
  };
}

/** The folder that a repository is named after: a worktree is of the one that it was added to. */
function homeOf(top: string, shared: string): string {
  return basename(shared) === ".git" ? basename(dirname(shared)) : basename(top);
}

/** The whole id of a commit that somebody names; one that this clone does not have is named by it. */
export async function wholeCommit(folder: string, named: string): Promise<string> {
  if (/^[0-9a-f]{40,64}$/.test(named)) return named;
  try {
    return (
      await git(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", `${named}^{commit}`)
    ).trim();
  } catch {
    throw invalidInput(`${named} is no commit that is known here; name its whole id`, { commit: named });
  }
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
