import { readdir, readFile, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { rolldown } from "rolldown";

/**
 * Puts a package that comes in hundreds of small files into one, and sends the compiled imports of it there: opening
 * the files takes longer than most commands. `folder` holds what was compiled; the file is `packages/NAME.js` in it.
 */
export async function bundlePackage(root, name, folder) {
  const file = join(folder, "packages", `${name}.js`);
  const licence = await readFile(join(root, "node_modules", name, "LICENSE"), "utf8");
  const build = await rolldown({ cwd: root, input: name, platform: "node" });
  try {
    await build.write({
      file,
      format: "esm",
      banner: `/*! ${name}\n\n${licence.trim()}\n*/`,
      comments: { legal: true, annotation: true, jsdoc: false },
    });
  } finally {
    await build.close();
  }
  const compiled = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const entry of compiled) {
    const from = join(entry.parentPath, entry.name);
    if (!entry.isFile() || !entry.name.endsWith(".js") || from === file) continue;
    const source = await readFile(from, "utf8");
    const path = relative(entry.parentPath, file).replaceAll("\\", "/");
    const sent = source.replaceAll(` from "${name}"`, ` from "${path}"`);
    if (sent !== source) await writeFile(from, sent);
  }
}
