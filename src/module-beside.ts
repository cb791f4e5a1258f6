/**
 * The address of a module in the folder of the one whose `import.meta.url` is given, by its name without an extension:
 * it has that one's, `.ts` in a checkout and `.js` in a release.
 */
export function moduleBeside(importer: string, name: string): URL {
  return new URL(`./${name}${importer.slice(importer.lastIndexOf("."))}`, importer);
}
