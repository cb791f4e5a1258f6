import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { OWN_ROOT } from "../../own-name.ts";

/** What a project's package.json names to get the very Sluice that runs now. */
export interface OwnPackage {
  readonly spec: string;
  /** True: a folder on this machine, which no other machine can install from. */
  readonly isLocal: boolean;
}

/**
 * Where this Sluice came from: as npm installed it (a version, a tarball, a git address), or for a checkout its
 * commit at its remote, and without one its folder.
 */
export function ownPackage(directory: string): OwnPackage {
  const installed = installedFrom();
  if (installed !== undefined) {
    const isLocal = installed.startsWith("file:");
    return { spec: isLocal ? fileSpec(installed.slice("file:".length), directory) : installed, isLocal };
  }
  const remote = commitAtRemote();
  return remote === undefined
    ? { spec: fileSpec(OWN_ROOT, directory), isLocal: true }
    : { spec: remote, isLocal: false };
}

function fileSpec(path: string, directory: string): string {
  const near = relative(directory, path).split(sep).join("/");
  return `file:${isAbsolute(near) || near.startsWith(".") ? near : `./${near}`}`;
}

/** What npm's own record of an installation says, its paths made absolute. */
function installedFrom(): string | undefined {
  const modules = dirname(OWN_ROOT);
  if (!modules.endsWith("node_modules")) return undefined;
  try {
    const { packages } = JSON.parse(readFileSync(join(modules, ".package-lock.json"), "utf8")) as {
      packages: Record<string, { resolved?: string; version?: string } | undefined>;
    };
    const own = packages["node_modules/sluice"];
    const { resolved = "", version } = own ?? {};
    if (resolved.startsWith("file:"))
      return `file:${resolve(dirname(modules), resolved.slice("file:".length))}`;
    return resolved.startsWith("git") ? resolved : version;
  } catch {
    return undefined;
  }
}

/** Undefined where the checkout has no remote, or its commit is not there. */
function commitAtRemote(): string | undefined {
  const git = (...args: string[]) =>
    execFileSync("git", args, {
      cwd: OWN_ROOT,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  if (!existsSync(join(OWN_ROOT, ".git"))) return undefined;
  try {
    const commit = git("rev-parse", "HEAD");
    if (git("branch", "--remotes", "--contains", commit) === "") return undefined;
    const url = git("remote", "get-url", "origin");
    if (/^https:\/\/[^@/]+\/|^ssh:|^git@/.test(url) && !/^https:\/\/[^/]*@/.test(url))
      return `git+${url.replace(/^git@([^:]+):/, "ssh://git@$1/")}#${commit}`;
    return undefined;
  } catch {
    return undefined;
  }
}
