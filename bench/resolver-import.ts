/** What importing the library costs a service that has not used it yet, as the package is built. */
import { median } from "simple-statistics";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Row } from "./row.ts";
import { plain } from "./resolver-speed.ts";

const ROOT = join(import.meta.dirname, "..");
const RUNS = 15;
/** Plain JavaScript, which has no types. */
const BUNDLER = pathToFileURL(join(ROOT, "scripts", "bundle-library.mjs")).href;

export async function importRows(): Promise<Row[]> {
  // Inside the checkout, so that it finds the packages that it leaves outside.
  mkdirSync(join(ROOT, ".sluice"), { recursive: true });
  const folder = mkdtempSync(join(ROOT, ".sluice", "bench-library-"));
  try {
    const { bundleLibrary } = (await import(BUNDLER)) as {
      bundleLibrary: (root: string, entries: Record<string, string>, folder: string) => Promise<unknown>;
    };
    await bundleLibrary(ROOT, { resolver: "src/resolver/index.ts" }, folder);
    const library = pathToFileURL(join(folder, "resolver.js")).href;
    const files = Number(node(COUNT_FILES.replace("LIBRARY", library)));
    const bare: number[] = [];
    const loaded: number[] = [];
    for (let i = 0; i < RUNS; i++) {
      bare.push(processorTime(""));
      loaded.push(processorTime(`await import("${library}");`));
    }
    const more = median(loaded) - median(bare);
    return [
      plain("files loaded by importing the library, its dependencies counted", files, "files", 39),
      { ...plain("import, more than bare Node", more, "ms", 60), limit: median(bare), runs: RUNS },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const COUNT_FILES = `
  import { registerHooks } from "node:module";
  let files = 0;
  registerHooks({ load(url, context, next) { if (url.startsWith("file:")) files++; return next(url, context); } });
  await import("LIBRARY");
  process.stdout.write(String(files));
`;

/** Milliseconds of processor of a whole process, from its start to the end of this code. */
function processorTime(code: string): number {
  return (
    Number(
      node(`${code} process.stdout.write(String(process.cpuUsage().user + process.cpuUsage().system))`),
    ) / 1_000
  );
}

function node(code: string): string {
  const child = spawnSync(process.execPath, ["--input-type=module", "--eval", code], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (child.status !== 0) throw new Error("a child process of the bench failed");
  return child.stdout;
}
