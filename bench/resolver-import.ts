/** What importing the library costs a service that has not used it yet. */
import { spawnSync } from "node:child_process";
import { pathToFileURL } from "node:url";
import { join } from "node:path";
import type { Row } from "./row.ts";
import { plain } from "./resolver-speed.ts";
import { median } from "./resolver-timing.ts";

const LIBRARY = pathToFileURL(join(import.meta.dirname, "../src/resolver/index.ts")).href;

export function importRows(): Row[] {
  const files = Number(node(COUNT_FILES.replace("LIBRARY", LIBRARY)));
  const bare: number[] = [];
  const loaded: number[] = [];
  for (let i = 0; i < 15; i++) {
    bare.push(timed(""));
    loaded.push(timed(`await import("${LIBRARY}")`));
  }
  const more = median(loaded) - median(bare);
  return [
    plain("files loaded by importing the library, its dependencies counted", files, "files", 39),
    { ...plain("import, more than bare Node, from source", more, "ms", 60), limit: median(bare) },
  ];
}

const COUNT_FILES = `
  import { registerHooks } from "node:module";
  let files = 0;
  registerHooks({ load(url, context, next) { if (url.startsWith("file:")) files++; return next(url, context); } });
  await import("LIBRARY");
  process.stdout.write(String(files));
`;

function timed(code: string): number {
  const startedAt = performance.now();
  node(code);
  return performance.now() - startedAt;
}

function node(code: string): string {
  const child = spawnSync(process.execPath, ["--input-type=module", "--eval", code], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (child.status !== 0) throw new Error("a child process of the bench failed");
  return child.stdout;
}
