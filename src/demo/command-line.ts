import { existsSync, realpathSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/**
 * How `sluice` is typed in a second terminal that is in `directory`: as an npm script in a clone, as the
 * program that this one was started by, or by the path of its source.
 */
export function sluiceCommand(directory: string, program: string): string {
  if (existsSync(join(directory, "package.json")) && realpathSync(directory) === realpathSync(ROOT))
    return "npm run -s sluice --";
  if (/^sluice(\.mjs)?$/.test(basename(program))) return "sluice";
  return `node ${relative(directory, join(ROOT, "src", "cli", "main.ts"))}`;
}
