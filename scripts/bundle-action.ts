// npm run build-action: the GitHub action as runners load it, action/bundle/index.mjs. It is committed: GitHub runs what
// a repository holds, and installs nothing.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
export const ACTION_BUNDLE = join(ROOT, "action", "bundle", "index.mjs");

const HEAD = "// Made from action/ by `npm run build-action`; a test compares the two.\n";

/** The bundle's text. */
export async function bundleAction(): Promise<string> {
  const build = await rolldown({ cwd: ROOT, input: "action/main.ts", platform: "node" });
  try {
    const { output } = await build.generate({ format: "esm", comments: false });
    if (output.length !== 1) throw new Error("the action must be one file");
    return `${HEAD}${output[0].code}`;
  } finally {
    await build.close();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await writeFile(ACTION_BUNDLE, await bundleAction());
