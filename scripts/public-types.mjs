import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";

/** Where a user's compiler may not know it: its own library need not be that new. */
const DISPOSABLE = '/// <reference lib="esnext.disposable" />\n';
const IMPORT = /(\bfrom\s+|\bimport\s+|\bimport\()"([^"]+)"/g;

/**
 * Copies the declarations that these entries reach, and no others: what a user's compiler reads. They name
 * each other as the built files are named. A package among them is an error: it would have to be installed
 * for its types alone.
 */
export async function copyPublicTypes(source, entries, target) {
  const waiting = entries.map((entry) => join(source, entry.replace(/^src\/(.+)\.ts$/, "$1.d.ts")));
  const copied = new Set();
  for (let file = waiting.pop(); file; file = waiting.pop()) {
    if (copied.has(file)) continue;
    copied.add(file);
    const text = await readFile(file, "utf8");
    for (const [, , specifier] of text.matchAll(IMPORT)) {
      if (!specifier.startsWith(".")) throw new Error(`${file}: the public types import "${specifier}"`);
      waiting.push(join(dirname(file), specifier.replace(/\.[jt]s$/, ".d.ts")));
    }
    const path = join(target, relative(source, file));
    await mkdir(dirname(path), { recursive: true });
    const named = text.replace(IMPORT, (_, before, name) => `${before}"${name.replace(/\.ts$/, ".js")}"`);
    await writeFile(path, /Symbol\.(asyncD|d)ispose/.test(text) ? DISPOSABLE + named : named);
  }
}
