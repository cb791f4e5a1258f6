import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundleWorkflowCode, DefaultLogger } from "@temporalio/worker";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const WORKFLOWS = join(ROOT, "workflows", "index.ts");
/** Of a release, made when it was built. */
const BUILT = join(ROOT, "workflow-bundle.js");

/** Bundles the workflow code as a worker runs it. */
export async function bundleWorkflows(): Promise<string> {
  const { code } = await bundleWorkflowCode({ workflowsPath: WORKFLOWS, logger: new DefaultLogger("ERROR") });
  return code;
}

/**
 * The path of the bundle for the workflow code as it is now. A release brings its own. In a checkout it is
 * built when the code has changed and kept beside the installed packages otherwise, because bundling takes
 * longer than everything else at start.
 */
export async function workflowBundlePath(): Promise<string> {
  if (!import.meta.url.endsWith(".ts")) return BUILT;
  const path = join(ROOT, "node_modules", ".cache", "sluice", `workflows-${await sourceDigest()}.js`);
  try {
    await readFile(path);
  } catch {
    const code = await bundleWorkflows();
    await mkdir(dirname(path), { recursive: true });
    // Two workers may build it at once; each puts a whole file in place.
    const temporary = `${path}.${process.pid}`;
    await writeFile(temporary, code);
    await rename(temporary, path);
  }
  return path;
}

/** Of everything that a workflow may import: the SDK's version, and the text of the rooms that it may look into. */
async function sourceDigest(): Promise<string> {
  const digest = createHash("sha256");
  for (const folder of ["workflows", join("src", "domain"), join("src", "protocol")]) {
    for (const file of (await readdir(join(ROOT, folder), { recursive: true })).toSorted()) {
      if (file.endsWith(".ts")) digest.update(file).update(await readFile(join(ROOT, folder, file)));
    }
  }
  digest.update(await readFile(join(ROOT, "node_modules", "@temporalio", "workflow", "package.json")));
  return digest.digest("hex").slice(0, 16);
}
