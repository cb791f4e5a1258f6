import { existsSync, realpathSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";

/** The folder that the files which a file names have to stay in. */
export interface Boundary {
  /** Without symbolic links. */
  readonly root: string;
  readonly kind: "repository" | "folder";
}

/** The Git repository that a folder is in, or the folder itself. */
export function boundaryAround(folder: string): Boundary {
  const real = realpathSync(folder);
  for (let at = real; ; at = dirname(at)) {
    if (existsSync(join(at, ".git"))) return { root: at, kind: "repository" };
    if (at === dirname(at)) return { root: real, kind: "folder" };
  }
}

/** Where a system shows its own insides as files: environment, memory, devices. */
const SYSTEM = /^\/(?:proc|sys|dev)(?:\/|$)/;
/** Where repositories, their tools and Sluice itself keep keys. */
const PRIVATE = /^(?:\.git|\.sluice|\.ssh|\.aws|\.gnupg|\.netrc|\.npmrc|\.pgpass|\.env(?:\..*)?)$/i;

export type Found =
  | { readonly real: string }
  /** `outside` is said before it is said whether there is such a file: that is nobody's business. */
  | { readonly problem: "outside" | "private" | "missing" };

/** The file that a path names from a folder, links followed, if it stays inside. */
export function locateInside({ root }: Boundary, folder: string, path: string): Found {
  if (path.includes("\0")) return { problem: "missing" };
  const full = resolve(folder, path);
  let real: string;
  try {
    real = realpathSync(full);
  } catch {
    return { problem: isInside(root, full) ? "missing" : "outside" };
  }
  if (!isInside(root, real) || SYSTEM.test(real)) return { problem: "outside" };
  // On the way from the folder: a project may itself stand below one of those names.
  const way = [...relative(realpathSync(folder), real).split(sep), ...relative(folder, full).split(sep)];
  return way.some((part) => PRIVATE.test(part)) ? { problem: "private" } : { real };
}

function isInside(root: string, path: string): boolean {
  return path === root || path.startsWith(root.endsWith(sep) ? root : root + sep);
}

/** What to say of a path that is not read. */
export function boundaryProblem({ kind }: Boundary, problem: "outside" | "private", path: string): string {
  if (problem === "private") return `${path} may hold keys, and is not read; move what is needed out of it`;
  return kind === "repository"
    ? `${path} lies outside the Git repository, and is not read; move it inside`
    : `${path} lies outside the folder of the file that names it, and is not read; move it inside (in a Git repository, anywhere in the repository will do)`;
}
