import { existsSync } from "node:fs";
import { readFile, rename } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "rolldown";
import type { NodeSettings } from "./node-settings.ts";

const MODULES = new URL("../../../node_modules/", import.meta.url);
/** Named as what is installed is, for who looks at which packages are loaded. */
const CACHE = new URL(".cache/sluice/node_modules/", MODULES);
const PRELOADED = new URL("one-file-packages.mjs", import.meta.url);

/**
 * Packages that come as hundreds of small modules, and where each begins. Opening those takes longer than
 * most commands do; as one file they are there in a tenth of the time.
 */
const PACKAGES = {
  kysely: "dist/index.js",
  openai: "index.mjs",
};

/** Four processes at once have memory enough; collecting what has just been made, again and again, takes their time. */
const ROOMY = "--max-semi-space-size=64";

/** What makes processes that tests start begin their work sooner: packages in one file, compiled once. */
export async function makeNodeSettings(): Promise<NodeSettings> {
  const preloaded = new URL(PRELOADED);
  for (const [name, entry] of Object.entries(PACKAGES)) {
    const file = await inOneFile(name, entry);
    preloaded.searchParams.set(name, file.href);
    // As Vite imports it, who has found it already.
    preloaded.searchParams.set(new URL(`${name}/${entry}`, MODULES).href, file.href);
  }
  return {
    NODE_OPTIONS: [process.env["NODE_OPTIONS"], ROOMY, `--import=${preloaded.href}`]
      .filter(Boolean)
      .join(" "),
    // Where Node itself keeps it when a program asks for one, as bin/sluice.mjs does.
    NODE_COMPILE_CACHE: join(tmpdir(), "node-compile-cache"),
  };
}

/** The package bundled into one file, which is made where this version of it has not been made yet. */
async function inOneFile(name: string, entry: string): Promise<URL> {
  const manifest = await readFile(new URL(`${name}/package.json`, MODULES), "utf8");
  const { version } = JSON.parse(manifest) as { version: string };
  const made = new URL(`${name}/${version}.mjs`, CACHE);
  if (existsSync(made)) return made;
  const input = fileURLToPath(new URL(`${name}/${entry}`, MODULES));
  const draft = `${fileURLToPath(made)}.${process.pid}`;
  await build({ input, platform: "node", logLevel: "warn", output: { file: draft } });
  // Two runs may make it at once; each puts a whole file in place.
  await rename(draft, made);
  return made;
}
