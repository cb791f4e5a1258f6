import { rolldown } from "rolldown";

/**
 * Bundles what services import into few files; what it loads lazily stays a file of its own. Packages are
 * left outside. `entries`: name of the file made -> path of its source. Gives the names of the packages that
 * are imported, sorted.
 */
export async function bundleLibrary(root, entries, folder) {
  const build = await rolldown({
    cwd: root,
    input: entries,
    platform: "node",
    external: (specifier) => !specifier.startsWith(".") && !specifier.startsWith("/"),
  });
  try {
    const { output } = await build.write({
      dir: folder,
      format: "esm",
      // Its comments are in the declarations, where editors look for them.
      comments: { legal: true, annotation: true, jsdoc: false },
      chunkFileNames: "[name].js",
    });
    return packagesOf(output);
  } finally {
    await build.close();
  }
}

function packagesOf(output) {
  const made = new Set(output.map(({ fileName }) => fileName));
  const specifiers = output.flatMap(({ imports, dynamicImports }) => [...imports, ...dynamicImports]);
  const packages = specifiers.filter((name) => !made.has(name) && !name.startsWith("node:"));
  const names = new Set(packages.map((name) => /^(@[^/]+\/)?[^/]+/.exec(name)[0]));
  return [...names].toSorted((one, other) => (one < other ? -1 : 1));
}
