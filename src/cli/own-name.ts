import { existsSync, realpathSync } from "node:fs";
import { delimiter, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { readLocalMachine } from "../config.ts";

/** The folder of Sluice itself: this file is in src/cli of a checkout, in dist/src/cli of a release. */
export const OWN_ROOT = [new URL("../..", import.meta.url), new URL("../../..", import.meta.url)]
  .map((url) => fileURLToPath(url))
  .find((folder) => existsSync(join(folder, "bin", "sluice.mjs")))!;

/**
 * How `sluice` is typed in another terminal that is in `directory`, so that it works when pasted: by its name
 * where it is installed, as an npm script in a clone, and else by its path.
 */
export function ownName(directory: string, { searchPath, platform = process.platform } = machine()): string {
  // What npm puts on the path is not on that of another terminal.
  const folders = searchPath.split(delimiter).filter((one) => !/node_modules[\\/]\.bin[\\/]?$/.test(one));
  const command = platform === "win32" ? "sluice.cmd" : "sluice";
  if (folders.some((folder) => folder !== "" && existsSync(join(folder, command)))) return "sluice";
  if (isSame(directory, OWN_ROOT)) return "npm run -s sluice --";
  if (parents(directory).some((folder) => existsSync(join(folder, "node_modules", ".bin", command))))
    return "npx sluice";
  const program = join(OWN_ROOT, "bin", "sluice.mjs");
  const near = relative(directory, program);
  return `${nodeName(folders)} ${quoted(near.startsWith("..") ? program : near)}`;
}

/** How the Node that runs this is typed in another terminal; where another one would answer to `node`, by its path. */
export function nodeName(folders: readonly string[] = machine().searchPath.split(delimiter)): string {
  const others = folders.filter((one) => !/node_modules[\\/]\.bin[\\/]?$/.test(one));
  const first = others
    .map((folder) => join(folder, process.platform === "win32" ? "node.exe" : "node"))
    .find((path) => existsSync(path));
  return first !== undefined && isSame(first, process.execPath) ? "node" : quoted(process.execPath);
}

function machine(): { searchPath: string; platform?: NodeJS.Platform } {
  return readLocalMachine();
}

function parents(directory: string): string[] {
  const above = dirname(directory);
  return above === directory ? [directory] : [directory, ...parents(above)];
}

function isSame(one: string, other: string): boolean {
  try {
    return realpathSync(one) === realpathSync(other);
  } catch {
    return false;
  }
}

function quoted(path: string): string {
  return /^[\w@%+=:,./\\-]+$/.test(path) ? path : `'${path}'`;
}
