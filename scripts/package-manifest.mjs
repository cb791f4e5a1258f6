import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** What both packages say alike. */
const SAME = ["version", "license", "type", "engines"];

/**
 * Holds a package's package.json against the root's and against what its code imports: the same version,
 * each imported package with the root's range, and nothing else. Throws naming what differs.
 */
export async function assertManifest(root, folder, imported) {
  const ours = await readManifest(root);
  const theirs = await readManifest(folder);
  const dependencies = Object.fromEntries(imported.map((name) => [name, ours.dependencies[name]]));
  const wanted = { ...Object.fromEntries(SAME.map((key) => [key, ours[key]])), dependencies };
  for (const [key, value] of Object.entries(wanted)) {
    if (JSON.stringify(theirs[key]) === JSON.stringify(value)) continue;
    throw new Error(`${join(folder, "package.json")}: "${key}" must be ${JSON.stringify(value)}`);
  }
}

async function readManifest(folder) {
  return JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
}
